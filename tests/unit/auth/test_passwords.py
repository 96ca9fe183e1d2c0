"""Passwords are hashed with the effort that the library recommends."""

from argon2 import PasswordHasher, extract_parameters

from app.auth import passwords

USUAL = passwords._hashes
"""As it is imported: tests of the API replace it in their process."""


def test_a_hash_takes_as_much_effort_as_the_library_recommends() -> None:
    made = USUAL().hash("a long enough password")
    found, recommended = extract_parameters(made), extract_parameters(PasswordHasher().hash("another"))
    assert (found.type, found.memory_cost, found.time_cost) == (recommended.type, 65536, 3)
    assert found == recommended


async def test_a_password_matches_its_own_hash_only() -> None:
    stored = await passwords.hashed("a long enough password")
    assert await passwords.matches("a long enough password", stored)
    assert not await passwords.matches("a long enough passwort", stored)
    assert not await passwords.matches("the password of nobody", None)
