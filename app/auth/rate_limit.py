"""Limits attempts per address and minute. The minute begins with the first attempt."""

import structlog

from app.errors import TooManyRequestsError
from app.jobs import valkey
from app.jobs.broker import NoBrokerError

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60


async def check_rate(purpose: str, address: str, *, per_minute: int) -> None:
    """Count one attempt. Raises `TooManyRequestsError` past the limit.

    Nothing is counted while the broker is unreachable. The guarded values are 256-bit secrets, and
    a missing broker must not lock the operator out.
    """
    from redis.exceptions import RedisError

    try:
        tries, wait = await valkey.count(f"exhume:rate:{purpose}:{address}", window_seconds=WINDOW_SECONDS)
    except (RedisError, OSError, NoBrokerError) as error:
        log.warning("rate_limit.unavailable", error=repr(error))
        return
    if tries > per_minute:
        raise TooManyRequestsError(
            "too_many_tries",
            f"Too many attempts from this address. Wait {wait} seconds.",
            headers={"Retry-After": str(wait)},
        )
