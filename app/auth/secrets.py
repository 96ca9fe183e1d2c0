"""Secrets that callers show: API keys, session cookies, sign-in links. Only their HMAC is ever stored.

An API key is `exh_` + base62 of 32 random bytes (43 digits) + base62 of the CRC-32 of that (6 digits): scanners can
recognise a leaked one, and a mistyped one is refused without a query.
"""

import secrets
import zlib

from app.kit.crypto import mac

PREFIX = "exh_"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BODY_LENGTH = 43  # 62**43 > 2**256
CHECK_LENGTH = 6  # 62**6 > 2**32


def base62(number: int, length: int) -> str:
    """`number` in base 62, padded with zeros to `length` digits."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = DIGITS[rest] + digits
    return digits.rjust(length, "0")


def _checksum(body: str) -> str:
    return base62(zlib.crc32(body.encode()), CHECK_LENGTH)


def new_api_key() -> str:
    """The text of a fresh API key."""
    body = base62(int.from_bytes(secrets.token_bytes(32)), BODY_LENGTH)
    return f"{PREFIX}{body}{_checksum(body)}"


def looks_like_api_key(text: str) -> bool:
    """True when prefix, length and checksum fit."""
    body, check = text[len(PREFIX) : -CHECK_LENGTH], text[-CHECK_LENGTH:]
    return text.startswith(PREFIX) and len(body) == BODY_LENGTH and check == _checksum(body)


def new_token() -> str:
    """256 random bits for a session cookie or a sign-in link."""
    return secrets.token_urlsafe(32)


def api_key_hash(text: str) -> bytes:
    """What `api_key.key_hash` holds."""
    return mac("api-key", text)


def session_hash(token: str) -> bytes:
    """What `browser_session.token_hash` holds."""
    return mac("session", token)


def link_hash(token: str) -> bytes:
    """What `sign_in_link.token_hash` holds."""
    return mac("sign-in-link", token)
