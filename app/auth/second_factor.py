"""The second factor of a person: a sealed secret, confirmed by a first code.

A new secret waits beside the present one, which counts until the new one is confirmed.
"""

from datetime import UTC, datetime

from app.auth import totp
from app.db.models import Person
from app.errors import ForbiddenError, UnauthenticatedError
from app.kit.crypto import seal, subkey, unseal

PURPOSE = "second-factor"


def begin(person: Person) -> bytes:
    """Give a person a new secret, which counts once a code confirms it, and return it."""
    secret = totp.new_secret()
    person.sealed_next_totp = seal(subkey(PURPOSE), secret, _context(person))
    return secret


def confirm(person: Person, code: str) -> None:
    """Let the new secret take the place of the present one.

    Raises `ForbiddenError` for a wrong code.
    """
    waiting = person.sealed_next_totp
    step = None if waiting is None else _step(person, waiting, code, after=0)
    if step is None:
        raise ForbiddenError("wrong_code", "This code is wrong. Check the clock of the device that shows it.")
    person.sealed_totp, person.sealed_next_totp = waiting, None
    person.totp_confirmed_at, person.totp_step = datetime.now(UTC), step


def require_present(person: Person, code: str | None) -> None:
    """Raise `ForbiddenError` unless there is no second factor yet or the code is one of it."""
    if person.totp_confirmed_at is not None and not _accepted(person, code or ""):
        raise ForbiddenError("wrong_code", "Send a code of the present second factor as `code`.")


def remove(person: Person) -> None:
    """Delete the secret, and one that waits."""
    person.sealed_totp, person.sealed_next_totp = None, None
    person.totp_confirmed_at, person.totp_step = None, 0


def require(person: Person, code: str | None) -> None:
    """Raise `UnauthenticatedError` unless the person has no second factor or the code is right."""
    if person.totp_confirmed_at is None:
        return
    if code is None:
        raise UnauthenticatedError("second_factor_required", "Send the code of your authenticator app as `code`.")
    if not _accepted(person, code):
        raise UnauthenticatedError("bad_password", "The e-mail address, password or code is wrong.")


def _accepted(person: Person, code: str) -> bool:
    """Tell whether a code is right. No code is accepted twice."""
    assert person.sealed_totp is not None
    step = _step(person, person.sealed_totp, code, after=person.totp_step)
    if step is None:
        return False
    person.totp_step = step
    return True


def _step(person: Person, sealed: bytes, code: str, *, after: int) -> int | None:
    """Return the time step of a code of a sealed secret, or None if the code is wrong."""
    return totp.matching_step(unseal(subkey(PURPOSE), sealed, _context(person)), code, after=after)


def _context(person: Person) -> str:
    return f"exhume/{PURPOSE}/{person.id}"
