"""Secrets of webhooks: sealed at rest, and the signatures made with them.

    webhook-signature = "v1," + base64(HMAC-SHA256(secret, id + "." + timestamp + "." + body))

The scheme is that of standardwebhooks.com.
"""

import base64
import hashlib
import hmac
import os
from uuid import UUID

from app.kit.crypto import seal, subkey, unseal

PREFIX = "whsec_"
PURPOSE = "webhook"


def new_secret() -> str:
    """Return a new secret of 32 bytes."""
    return PREFIX + base64.b64encode(os.urandom(32)).decode()


def sealed(text: str, project_id: UUID, name: str) -> bytes:
    """Encrypt an address or a secret for its project. `name` says which of the two."""
    return seal(subkey(PURPOSE), text.encode(), _context(project_id, name))


def opened(data: bytes, project_id: UUID, name: str) -> str:
    """Decrypt the output of `sealed`."""
    return unseal(subkey(PURPOSE), data, _context(project_id, name)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _context(project_id: UUID, name: str) -> str:
    return f"exhume/webhook/{project_id}/{name}"
