"""Secrets at rest: HMAC of what a caller shows, AES-GCM of images under a key per audit, subkeys from the root secret.

subkey(purpose)  = HKDF-SHA256(root secret, info=purpose)
sealed           = nonce (12 bytes) || AES-256-GCM(key, nonce, data, associated data=context)
audit key        = 32 random bytes, kept only as sealed under subkey("audit-key"); deleting that deletes the images

The library is imported by what uses it: every process of the service imports this module, and few ever seal or sign.
"""

import hashlib
import hmac
import os

from app.kit.root_secret import root_secret

KEY_BYTES = 32
NONCE_BYTES = 12
AUDIT_KEY_CONTEXT = "exhume/audit-key"


class UnsealError(Exception):
    """The ciphertext, its context or the key is not the one it was sealed with."""


def subkey(purpose: str) -> bytes:
    """A key for one purpose; knowing it says nothing of the root secret or of other purposes."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"exhume/{purpose}".encode()).derive(
        root_secret()
    )


def mac(purpose: str, text: str) -> bytes:
    """HMAC-SHA256 of a secret that a caller shows: what is stored instead of it, and looked up by."""
    return hmac.new(subkey(purpose), text.encode(), hashlib.sha256).digest()


def seal(key: bytes, data: bytes, context: str) -> bytes:
    """Encrypt `data`; it opens only with the same key and the same context."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """Decrypt what `seal` made; `UnsealError` when anything was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError) as error:
        raise UnsealError("this can't be opened: it was changed, moved, or sealed under another root secret") from error


def new_audit_key() -> bytes:
    """A fresh key for an audit's images, sealed: what `audit.sealed_key` holds."""
    return seal(subkey("audit-key"), os.urandom(KEY_BYTES), AUDIT_KEY_CONTEXT)


def open_audit_key(wrapped: bytes) -> bytes:
    """The key itself, from `audit.sealed_key`."""
    return unseal(subkey("audit-key"), wrapped, AUDIT_KEY_CONTEXT)
