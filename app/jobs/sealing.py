"""What binds a sealed image to its row: a ciphertext moved to another row can't be opened."""

from uuid import UUID


def image_context(audit_id: UUID, source: str, identity: int, seed: int, restart: int) -> str:
    """The associated data of a reconstruction's ciphertext."""
    return f"{audit_id}/{source}/{identity}/{seed}/{restart}"
