"""Counterparts that speak the real protocols over sockets, in their own process."""
