"""Due times of a cron expression in a time zone, with the rules of Debian's cron.

A fixed time that the change to summer time skips is due at the next valid minute. One that the
change back repeats is due once, at its first occurrence. Expressions whose minute or hour begins
with `*` follow the elapsed time instead. All times that are returned are in UTC.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from app.errors import UnprocessableError

FIELDS = "minute hour day-of-month month day-of-week"
COUNTED = 1000


class _Due(CronSim):
    """Walks through local times in steps that no change of an offset skips.

    `CronSim` moves by whole hours, and by up to an hour to the next minute. On Lord Howe Island
    the clocks change by 30 minutes.
    """

    def advance_hour(self) -> bool:
        """Advance to an hour that matches. Offsets from UTC are multiples of 15 minutes."""
        if self.dt.tzinfo in (None, UTC):
            return super().advance_hour()
        if self.dt.hour in self.hours:
            return False
        self.dt = self.dt.replace(minute=0, second=0)
        day = self.dt.date()
        while self.dt.hour not in self.hours and self.dt.date() == day:
            self.tick(seconds=900)
        return True

    def advance_minute(self) -> bool:
        """Advance to a minute that matches."""
        if self.dt.tzinfo in (None, UTC):
            return super().advance_minute()
        if self.dt.minute in self.minutes:
            return False
        self.dt = self.dt.replace(second=0)
        hour = self.dt.hour
        while self.dt.minute not in self.minutes and self.dt.hour == hour:
            self.tick(seconds=60)
        return True


def check(cron: str, timezone: str) -> None:
    """Raise `UnprocessableError` unless the zone exists and the expression is due at some time."""
    if timezone not in _zones():
        near = get_close_matches(timezone, sorted(_zones()), n=3, cutoff=0.6)
        hint = f" Did you mean {' or '.join(near)}?" if near else " Use a name such as Europe/Berlin or UTC."
        raise UnprocessableError("unknown_timezone", f"{timezone!r} is not an IANA time zone.{hint}")
    parts = cron.split()
    if len(parts) != len(FIELDS.split()):
        raise UnprocessableError("bad_cron", f"{cron!r} has {len(parts)} fields. A cron expression has five: {FIELDS}.")
    try:
        due = next(after(cron, timezone, datetime.now(UTC)), None)
    except CronSimError as error:
        if not _valid(" ".join([*parts[:3], "*", parts[4]])):
            raise UnprocessableError("bad_cron", f"{cron!r} is not a cron expression: {_sentence(error)}.") from error
        due = None
    if due is None:
        raise UnprocessableError(
            "cron_never_fires", f"{cron!r} names a day that does not exist in any of its months, so it is never due."
        )


def explained(cron: str) -> str:
    """Return the expression in words."""
    return CronSim(cron, datetime.now(UTC)).explain()


def after(cron: str, timezone: str, moment: datetime) -> Iterator[datetime]:
    """Return the due times after `moment`, in order. Ends if none follows within 50 years."""
    for due in _Due(cron, moment.astimezone(ZoneInfo(timezone))):
        found = due.astimezone(UTC)
        if found > moment:  # within a repeated hour, the first occurrence may have passed
            yield found


def latest(cron: str, timezone: str, first: datetime, now: datetime) -> tuple[datetime, int]:
    """Return the last due time up to `now`, and the number of due times passed over since `first`.

    Args:
        first: a due time that is not after `now`.

    The number is at most `COUNTED`.
    """
    following = next(after(cron, timezone, first), None)
    if following is None or following > now:
        return first, 0
    before = _before(cron, timezone, first, now)
    last = max((due for due in _until(cron, timezone, before, now)), default=before)
    return last, sum(1 for _ in islice(_until(cron, timezone, first, last), COUNTED))


def _until(cron: str, timezone: str, moment: datetime, end: datetime) -> Iterator[datetime]:
    for due in after(cron, timezone, moment):
        if due > end:
            return
        yield due


def _before(cron: str, timezone: str, first: datetime, now: datetime) -> datetime:
    """Return a due time from `first` to `now` that is close to `now`."""
    for due in CronSim(cron, now.astimezone(ZoneInfo(timezone)), reverse=True):
        found = due.astimezone(UTC)
        if found <= now:
            return max(found, first)
    return first


def delay(schedule_id: UUID, jitter_seconds: int) -> timedelta:
    """Return the delay of a schedule's runs: always the same, and at most `jitter_seconds`."""
    if not jitter_seconds:
        return timedelta(0)
    number = int.from_bytes(hashlib.sha256(schedule_id.bytes).digest()[:8])
    return timedelta(seconds=number % jitter_seconds)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """Return the names of regions. `localtime` and the like depend on the machine."""
    return frozenset(name for name in available_timezones() if name[0].isupper() and name != "Factory")


def _valid(cron: str) -> bool:
    try:
        CronSim(cron, datetime.now(UTC))
    except CronSimError:
        return False
    return True


def _sentence(error: CronSimError) -> str:
    """Return the library's message, such as `Bad minute`, as the end of a sentence."""
    return f"its {str(error).removeprefix('Bad ')} is out of range or malformed"
