"""Secrets of callers: API keys, session cookies, sign-in links. Only their HMAC is stored.

An API key is `exh_` + base62 of 32 random bytes (43 digits) + base62 of the CRC-32 of that (6
digits). Scanners can recognise a leaked key, and a mistyped key is rejected without a query.
"""

import secrets
import zlib

from app.kit.crypto import mac

PREFIX = "exh_"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BODY_LENGTH = 43  # 62**43 > 2**256
CHECK_LENGTH = 6  # 62**6 > 2**32


def base62(number: int, length: int) -> str:
    """Return `number` in base 62, padded with zeros to `length` digits."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = DIGITS[rest] + digits
    return digits.rjust(length, "0")


def _checksum(body: str) -> str:
    return base62(zlib.crc32(body.encode()), CHECK_LENGTH)


def new_api_key() -> str:
    """Return a new API key."""
    body = base62(int.from_bytes(secrets.token_bytes(32)), BODY_LENGTH)
    return f"{PREFIX}{body}{_checksum(body)}"


def looks_like_api_key(text: str) -> bool:
    """Tell whether prefix, length and checksum are those of an API key."""
    body, check = text[len(PREFIX) : -CHECK_LENGTH], text[-CHECK_LENGTH:]
    return text.startswith(PREFIX) and len(body) == BODY_LENGTH and check == _checksum(body)


def new_token() -> str:
    """Return 256 random bits for a session cookie or a sign-in link."""
    return secrets.token_urlsafe(32)


def api_key_hash(text: str) -> bytes:
    """Return the value of `api_key.key_hash`."""
    return mac("api-key", text)


def session_hash(token: str) -> bytes:
    """Return the value of `browser_session.token_hash`."""
    return mac("session", token)


def account_hash(email: str) -> str:
    """Return the name under which attempts to sign in to an account are counted."""
    return mac("account", email).hex()


def invitation_hash(token: str) -> bytes:
    """Return the value of `invitation.token_hash`."""
    return mac("invitation", token)


def link_hash(token: str) -> bytes:
    """Return the value of `sign_in_link.token_hash`."""
    return mac("sign-in-link", token)
