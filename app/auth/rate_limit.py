"""Limits attempts in a window of time, which begins with the first attempt."""

from ipaddress import IPv4Address, IPv6Network, ip_address

import structlog

from app.errors import TooManyRequestsError, UnavailableError
from app.jobs import valkey
from app.jobs.broker import NoBrokerError

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60


def network_of(address: str | None) -> str:
    """Return whose attempts are counted together: an IPv4 address, or a /64 network of IPv6.

    One host has all addresses of such a network.
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or "unknown"
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))


async def check_rate(
    purpose: str, who: str, *, limit: int, window_seconds: int = WINDOW_SECONDS, guessable: bool = False
) -> None:
    """Count one attempt of an address or for an account.

    Raises `TooManyRequestsError` past the limit. Nothing is counted while the broker is
    unreachable: a missing broker must not lock the operator out, and most guarded values are
    256-bit secrets. For a `guessable` one, such as a password, it raises `UnavailableError`.
    """
    from redis.exceptions import RedisError

    try:
        tries, wait = await valkey.count(f"exhume:rate:{purpose}:{who}", window_seconds=window_seconds)
    except (RedisError, OSError, NoBrokerError) as error:
        log.warning("rate_limit.unavailable", error=repr(error))
        if guessable:
            raise UnavailableError(
                "attempts_not_counted",
                "Passwords cannot be accepted at the moment, because attempts cannot be counted. Use an API key.",
                headers={"Retry-After": "5"},
            ) from error
        return
    if tries > limit:
        raise TooManyRequestsError(
            "too_many_tries",
            f"Too many attempts. Wait {wait} seconds.",
            headers={"Retry-After": str(wait)},
        )
