"""Text from outside, made safe to print: names, reasons and descriptions."""

import re

ELLIPSIS = "…"
UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, which XML forbids and terminals obey
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # changes of direction, which can reverse a sentence
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"  # no characters at all
)
REASON = 999
"""Longest reason. GitHub shows 1,000 characters of a message, and GitLab skips one above 2,048."""
NAME = 200


def plain(text: str, limit: int = REASON) -> str:
    """Return the text on one line of at most `limit` printable characters."""
    line = UNPRINTABLE.sub("\ufffd", " ".join(text[: 4 * limit].split()))
    return line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS


def web_address(url: str | None) -> str | None:
    """Return an http(s) address that needs no escaping in any report, and None for any other."""
    return url if url and re.fullmatch(r"https?://[A-Za-z0-9:/?#@!$&*+,;=._~%-]+", url) else None
