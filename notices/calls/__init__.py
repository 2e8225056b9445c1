"""Calls that people make: laid out, taken in hand by one, and noted."""
