"""Due times over a year with both changes of the clocks, against an independent calculation."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.errors import ProblemError
from app.schedules import cron
from app.schedules.service import preview

ZONES = ("Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Pacific/Chatham")
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def by_elapsed_time(zone: ZoneInfo, minutes: set[int], hours: set[int]) -> list[datetime]:
    """Return every moment of the year, in steps of five minutes, whose local time matches."""
    return [moment for moment, here in local_times(zone) if here.minute in minutes and here.hour in hours]


@cache
def local_times(zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Return moments of the year with local times. Offsets are multiples of 15 minutes."""
    step = 5 * MINUTE
    moments = (BEGIN + number * step for number in range(int((END - BEGIN) / step)))
    return [(moment, moment.astimezone(zone)) for moment in moments]


def by_wall_clock(zone: ZoneInfo, minutes: set[int], hours: set[int]) -> list[datetime]:
    """Return each local time of each day once: moved past a gap, the first of two."""
    found = set()
    days = (date(2025, 12, 31) + timedelta(days=number) for number in range(368))
    for day in days:
        for hour in hours:
            for minute in minutes:
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                while local.astimezone(UTC).astimezone(zone).replace(fold=0) != local:
                    local += MINUTE
                found.add(local.astimezone(UTC))
    return sorted(moment for moment in found if BEGIN <= moment < END)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("expression", "minutes", "hours"),
    [
        ("0 3 * * *", {0}, {3}),
        ("15,45 0-3 * * *", {15, 45}, {0, 1, 2, 3}),
        ("*/20 * * * *", {0, 20, 40}, set(range(24))),
        ("30 * * * *", {30}, set(range(24))),
        ("*/30 5 * * *", {0, 30}, {5}),
    ],
)
def test_a_year_has_the_due_times_of_an_independent_calculation(
    expression: str, minutes: set[int], hours: set[int], zone: str
) -> None:
    wild = any(field.startswith("*") for field in expression.split()[:2])
    calculate = by_elapsed_time if wild else by_wall_clock
    expected = calculate(ZoneInfo(zone), minutes, hours)
    due = []
    for moment in cron.after(expression, zone, BEGIN - timedelta(seconds=1)):
        if moment >= END:
            break
        due.append(moment)
    assert due == expected
    assert len(set(due)) == len(due)


@pytest.mark.parametrize("zone", ZONES)
def test_a_scheduler_that_wakes_at_any_moment_finds_the_same_due_times(zone: str) -> None:
    """Around both changes, the latest due time is the last one of the forward list."""
    expression = "15,45 0-3 * * *"
    due = _until(expression, zone, END)
    offsets = [(moment, moment.astimezone(ZoneInfo(zone)).utcoffset()) for moment in due]
    changes = [later for (_, before), (later, after) in pairwise(offsets) if before != after]
    assert len(changes) == 2
    for change in changes:
        first = max(moment for moment in due if moment < change - timedelta(days=2))
        for step in range(-30, 60):
            now = change + step * timedelta(minutes=20)
            passed = [moment for moment in due if first <= moment <= now]
            assert cron.latest(expression, zone, first, now) == (passed[-1], len(passed) - 1)


def _until(expression: str, zone: str, end: datetime) -> list[datetime]:
    found = []
    for moment in cron.after(expression, zone, BEGIN):
        if moment > end:
            break
        found.append(moment)
    return found


def test_the_second_of_two_equal_local_times_is_not_due_again() -> None:
    """At 02:30 for the second time, a job of 02:45 has run and is due tomorrow."""
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert next(cron.after("45 2 * * *", "Europe/Berlin", second)) == datetime(2026, 10, 26, 1, 45, tzinfo=UTC)


def test_a_long_pause_is_counted_up_to_a_limit() -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    last, missed = cron.latest("* * * * *", "UTC", first, END)
    assert (last, missed) == (END, cron.COUNTED)


@pytest.mark.parametrize(
    ("expression", "zone", "code", "said"),
    [
        ("0 3 * *", "UTC", "bad_cron", "4 fields"),
        ("0 0 3 * * *", "UTC", "bad_cron", "6 fields"),
        ("61 3 * * *", "UTC", "bad_cron", "its minute is out of range"),
        ("0 3 * * XYZ", "UTC", "bad_cron", "its day-of-week"),
        ("0 0 30 2 *", "UTC", "cron_never_fires", "never due"),
        ("0 0 31 4,6,9,11 *", "Europe/Berlin", "cron_never_fires", "never due"),
        ("0 3 * * *", "Europe/Berln", "unknown_timezone", "Did you mean Europe/Berlin"),
        ("0 3 * * *", "localtime", "unknown_timezone", "Use a name such as"),
        ("0 3 * * *", "+02:00", "unknown_timezone", "not an IANA time zone"),
        ("0 3 * * *", "../etc/passwd", "unknown_timezone", "not an IANA time zone"),
    ],
)
def test_what_is_never_due_is_rejected_with_its_reason(expression: str, zone: str, code: str, said: str) -> None:
    with pytest.raises(ProblemError) as caught:
        cron.check(expression, zone)
    assert caught.value.code == code
    assert said in caught.value.detail


def test_jitter_is_fixed_for_a_schedule_and_spreads_many() -> None:
    delays = [cron.delay(UUID(int=number), 600) for number in range(200)]
    assert delays == [cron.delay(UUID(int=number), 600) for number in range(200)]
    assert all(timedelta(0) <= delay < timedelta(minutes=10) for delay in delays)
    assert len(set(delays)) > 150
    assert cron.delay(UUID(int=1), 0) == timedelta(0)


def test_a_preview_has_the_due_time_whose_run_is_still_delayed() -> None:
    passed = (datetime.now(UTC) - timedelta(minutes=30)).replace(second=0, microsecond=0)
    expression = f"{passed.minute} {passed.hour} * * *"
    assert preview(expression, "UTC", timedelta(hours=1)).times[0].utc == passed
    assert preview(expression, "UTC").times[0].utc == passed + timedelta(days=1)
