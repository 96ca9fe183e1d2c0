"""IP addresses that are never connected to: everything outside the public internet.

Python's `is_global` is not enough: it allows multicast, IPv4-mapped, NAT64 and 6to4 addresses.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Clouds serve credentials at these addresses, some of which are public. No setting permits them.
METADATA = frozenset(
    map(IPv4Address, ("169.254.169.254", "169.254.170.2", "169.254.170.23", "168.63.129.16", "100.100.100.200"))
) | frozenset(map(IPv6Address, ("fd00:ec2::254", "fd00:ec2::23")))
RELAYS = ip_network("192.88.99.0/24")  # 6to4 anycast (RFC 7526)
UNICAST = ip_network("2000::/3")  # the only part of IPv6 that is routed
OUTSIDE = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))  # Teredo, 6to4, examples
TRANSLATED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48")))  # NAT64 (RFC 6052, RFC 8215)


def embedded(address: Address) -> IPv4Address | None:
    """Return the IPv4 address inside a mapped, compatible, translated or 6to4 address."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if any(address in network for network in TRANSLATED) or (int(address) >> 32 == 0 and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def permitted(address: Address, opened: Sequence[Network] = ()) -> bool:
    """Return True for a public address or one in a network that the operator opened.

    An embedded IPv4 address must be permitted too.
    """
    if address in METADATA:
        return False
    inner = embedded(address)
    if inner is not None and not permitted(inner, opened):
        return False
    return public(address) or is_opened(address, opened)


def is_opened(address: Address, networks: Sequence[Network]) -> bool:
    """Return True if the operator opened a network of this address."""
    return any(address in network for network in networks)


def public(address: Address) -> bool:
    """Return True if the address is routed on the internet and embeds no other address."""
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return address not in RELAYS
    return address in UNICAST and not any(address in network for network in OUTSIDE)
