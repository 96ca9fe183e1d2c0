"""Secrets at rest.

Callers' secrets are stored as HMACs. Subkeys are derived from the root secret. `app.vault` has the
keys of stored objects.

    subkey(purpose)  = HKDF-SHA256(root secret, info=purpose)
    sealed           = nonce (12 bytes) || AES-256-GCM(key, nonce, data, associated data=context)

`cryptography` is imported inside the functions, because every process imports this module and few
ever seal or sign.
"""

import hashlib
import hmac
import os
from functools import lru_cache

from app.kit.root_secret import root_secret

KEY_BYTES = 32
NONCE_BYTES = 12


class UnsealError(Exception):
    """Wrong key or context, or altered ciphertext."""


def subkey(purpose: str) -> bytes:
    """Return a key for one purpose. It reveals nothing about the root secret or other subkeys."""
    return _derived(root_secret(), purpose)


@lru_cache(maxsize=64)
def _derived(root: bytes, purpose: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"exhume/{purpose}".encode()).derive(root)


def mac(purpose: str, text: str) -> bytes:
    """Return the HMAC-SHA256 of a caller's secret, which is stored and looked up in its place."""
    return hmac.new(subkey(purpose), text.encode(), hashlib.sha256).digest()


def seal(key: bytes, data: bytes, context: str) -> bytes:
    """Encrypt `data`. Decryption requires the same key and context."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """Decrypt the output of `seal`. Raises `UnsealError` when anything was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError) as error:
        raise UnsealError(
            "this cannot be decrypted: it was altered, moved, or sealed under another root secret"
        ) from error
