"""Time-based one-time passwords (RFC 6238), as authenticator apps show them.

code = last 6 digits of HOTP(secret, floor(unix time / 30))
"""

import base64
import hashlib
import hmac
import secrets
import struct
import time
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
DRIFT = 1
"""Steps that the clock of a phone may differ, in both directions."""


def new_secret() -> bytes:
    """Return a new secret."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a time step."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
    return str(number % 10**DIGITS).rjust(DIGITS, "0")


def present_step(now: float | None = None) -> int:
    """Return the present time step."""
    return int((time.time() if now is None else now) // STEP_SECONDS)


def matching_step(secret: bytes, code: str, *, after: int, now: float | None = None) -> int | None:
    """Return the step of a code. None if it is wrong, or not later than the last accepted one."""
    present = present_step(now)
    for step in range(max(after + 1, present - DRIFT), present + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def base32(secret: bytes) -> str:
    """Return the secret as a person types it into an app."""
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, email: str) -> str:
    """Return the `otpauth://` address, which apps read from a QR code."""
    query = urlencode({"secret": base32(secret), "issuer": "Exhume", "digits": DIGITS, "period": STEP_SECONDS})
    return f"otpauth://totp/{quote(f'Exhume:{email}')}?{query}"
