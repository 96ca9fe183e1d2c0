"""So many tries a minute from one address; the minute begins with the first."""

import structlog

from app.errors import TooManyRequestsError
from app.jobs import valkey
from app.jobs.broker import NoBrokerError

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60


async def check_rate(purpose: str, address: str, *, per_minute: int) -> None:
    """Count one try; `TooManyRequestsError` past the limit.

    Without the broker nothing is counted: what is guarded here are 256-bit secrets, and a broker that is away must
    not lock the administrator out.
    """
    from redis.exceptions import RedisError

    try:
        tries, wait = await valkey.count(f"exhume:rate:{purpose}:{address}", window_seconds=WINDOW_SECONDS)
    except (RedisError, OSError, NoBrokerError) as error:
        log.warning("rate_limit.unavailable", error=repr(error))
        return
    if tries > per_minute:
        raise TooManyRequestsError(
            "too_many_tries", f"Too many tries from here; wait {wait} seconds.", headers={"Retry-After": str(wait)}
        )
