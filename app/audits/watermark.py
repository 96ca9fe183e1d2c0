"""The mark in a revealed picture: who asked for it, when, and what for.

It is a text chunk of the PNG, so that the pixels stay those that the audit judged.
"""

import struct
import zlib

SIGNATURE_AND_HEADER = 8 + 25  # the eight bytes of PNG, and the chunk IHDR
KEYWORD = b"Exhume reveal"


def marked(png: bytes, text: str) -> bytes:
    """Return the PNG with a text after its header."""
    body = b"iTXt" + KEYWORD + b"\0\0\0\0\0" + text.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:SIGNATURE_AND_HEADER] + chunk + png[SIGNATURE_AND_HEADER:]
