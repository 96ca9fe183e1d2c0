"""Documents of signing keys."""

from pydantic import Field

from app.kit.cursor import Page
from app.kit.ids import SigningKeyId
from app.kit.schema import Document, Timestamp


class SigningKey(Document):
    """The public half of a key that signs or signed."""

    id: SigningKeyId
    key_id: str = Field(description="`sha256:` and the digest of the public key, as signatures name it.")
    pem: str = Field(description="The Ed25519 public key in PEM.")
    created_at: Timestamp
    retired_at: Timestamp | None = Field(description="When another key took its place. Null for the one that signs.")


class SigningKeyPage(Page[SigningKey]):
    """All keys on one page, newest first."""
