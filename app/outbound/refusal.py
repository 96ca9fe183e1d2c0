"""Addresses that are not connected to, as far as they can be known without asking a resolver."""

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from app.outbound.ip_ranges import METADATA, Address, Network, is_opened, permitted

ALL = tuple(map(ip_network, ("0.0.0.0/0", "::/0")))
LOOPBACK: tuple[Address, ...] = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)  # labels that a resolver would read as part of an IP address
LONGEST = 253


class NotAHostError(ValueError):
    """The text can be neither a host name nor an IP address."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host!r} is neither a host name nor an IP address")


class NotPermittedError(Exception):
    """The host has an address that must not be connected to. Nothing was sent."""

    def __init__(self, host: str, address: Address) -> None:
        subject = host if _same(host, address) else f"{host} resolves to {address}, which"
        if permitted(address):
            super().__init__(f"{subject} is on the public internet and is reached only by https://")
        elif address in METADATA:
            super().__init__(f"{subject} is an address at which a cloud provider serves credentials")
        else:
            super().__init__(f"{subject} is not on the public internet")
        self.host = host
        self.address = address

    def advice(self, setting: str) -> str:
        """Return what to do. `setting` lists the networks that the operator permits."""
        if permitted(self.address):
            return f"Use https://. The operator can permit http:// for a network in {setting}."
        if permitted(self.address, ALL):
            return f"The operator can permit its network in {setting}."
        return "No setting permits this address."


def require_permitted(host: str, address: Address, opened: Sequence[Network], *, encrypted: bool) -> None:
    """Raise `NotPermittedError` unless this address of a host may be connected to.

    Args:
        encrypted: False if the connection has no TLS and only an opened network may be reached so.
    """
    if not permitted(address, opened) or not (encrypted or is_opened(address, opened)):
        raise NotPermittedError(host, address)


def check_host(host: str, opened: Sequence[Network], *, encrypted: bool = True) -> None:
    """Reject a host that no connection will ever be made to. Asks no resolver.

    Args:
        host: a name in ASCII or an IP address. IPv6 may have brackets.
        encrypted: like that of `require_permitted`.

    Raises: `NotAHostError`, or `NotPermittedError` for an IP address or `localhost`.
    """
    bare = host.removeprefix("[").removesuffix("]")
    address = literal(bare)
    if address is not None:
        require_permitted(bare, address, opened, encrypted=encrypted)
        return
    labels = bare.removesuffix(".").lower().split(".")
    if len(bare) > LONGEST or NUMBER.fullmatch(labels[-1]) or not all(map(LABEL.fullmatch, labels)):
        raise NotAHostError(host)
    if labels[-1] == "localhost" and not any(permitted(one, opened) for one in LOOPBACK):
        raise NotPermittedError(bare, LOOPBACK[0])


def literal(host: str) -> Address | None:
    """Return the IP address that a text is, also in the forms of `inet_aton` such as 127.1."""
    try:
        return ip_address(host.partition("%")[0] if ":" in host else host)
    except ValueError:
        pass
    if not all(map(NUMBER.fullmatch, host.split("."))):
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _same(host: str, address: Address) -> bool:
    try:
        return ip_address(host) == address
    except ValueError:
        return False
