"""Binds a sealed image to its row. A ciphertext moved to another row cannot be decrypted."""

from uuid import UUID


def image_context(audit_id: UUID, source: str, identity: int, seed: int, restart: int) -> str:
    """Return the associated data of a reconstruction's ciphertext."""
    return f"{audit_id}/{source}/{identity}/{seed}/{restart}"
