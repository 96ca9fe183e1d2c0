"""One-time codes: the vectors of RFC 6238, the drift of clocks, and codes that were used."""

import pytest

from app.auth import totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("now", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_vectors_of_the_standard(now: int, code: str) -> None:
    assert totp.code_at(SECRET, totp.present_step(now)) == code


@pytest.mark.parametrize(("away", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_away(away: int, accepted: bool) -> None:
    step = totp.present_step(1_000_000)
    found = totp.matching_step(SECRET, totp.code_at(SECRET, step + away), after=0, now=1_000_000)
    assert (found is not None) == accepted


def test_a_code_counts_once() -> None:
    step = totp.present_step(1_000_000)
    code = totp.code_at(SECRET, step)
    assert totp.matching_step(SECRET, code, after=step, now=1_000_000) is None


def test_the_address_names_the_account() -> None:
    address = totp.address(SECRET, "dana@example.com")
    assert address.startswith("otpauth://totp/Exhume%3Adana%40example.com?secret=GEZDGNBVGY3TQOJQ")
