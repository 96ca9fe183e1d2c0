"""Binds a sealed image to its row. A ciphertext moved to another row cannot be decrypted."""

from uuid import UUID


def image_context(audit_id: UUID, source: str, identity: int, seed: int, restart: int, *, attack: int = 0) -> str:
    """Return the associated data of a reconstruction's ciphertext.

    That of the first attack does not name it, as in audits of one attack.
    """
    first = f"{audit_id}/{source}/{identity}/{seed}/{restart}"
    return f"{first}/{attack}" if attack else first


def film_context(image: str) -> str:
    """Return the associated data of a film, from those of its reconstruction's image."""
    return f"{image}/film"
