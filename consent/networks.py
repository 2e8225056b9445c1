"""Which network an IP address is of, as much of it as may be kept or counted by."""

from __future__ import annotations

import ipaddress

# What one subscriber has at least, and what a provider has at most told apart by.
SUBSCRIBER, STORED = 64, 48


def network_of(address: str, ipv6: int) -> str:
    """Return the network of an IP address; empty where it is none.

    /24 of IPv4, also where that is written as IPv6, and /``ipv6`` of IPv6.
    """
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    width = 24 if found.version == 4 else ipv6
    return str(ipaddress.ip_network((found, width), strict=False))
