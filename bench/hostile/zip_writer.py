"""ZIP writer in which every field of both headers and of the end record can be forged."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Member:
    """One member. `local` and `central` override fields in that header only."""

    name: str
    data: bytes = b""
    method: int = 0
    packed: bytes | None = None
    mode: int = 0o100644
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)
    after: bytes = b""


def deflated(name: str, data: bytes) -> Member:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return Member(name, data, 8, packer.compress(data) + packer.flush())


def write_zip(members: list[Member], *, before: bytes = b"", **end: Any) -> bytes:
    """Return the archive.

    `end` overrides fields of the end record: disk, total, here, size, begin, comment.
    """
    out, directory = bytearray(before), bytearray()
    for member in members:
        packed = member.data if member.packed is None else member.packed
        truth = {
            "flags": 0x800,
            "method": member.method,
            "crc": zlib.crc32(member.data),
            "packed": len(packed),
            "size": len(member.data),
            "name": member.name.encode(),
            "extra": b"",
            "header": len(out),
            "disk": 0,
            "comment": b"",
        }
        out += _local({**truth, **member.local}) + packed + member.after
        directory += _central({**truth, **member.central}, member.mode)
    ending = {"disk": 0, "here": len(members), "total": len(members), "size": len(directory), "begin": len(out)} | end
    comment = ending.get("comment", b"")
    end_of_directory = struct.pack(
        "<4s4H2LH",
        b"PK\x05\x06",
        *(ending[name] for name in ("disk", "disk", "here", "total", "size", "begin")),
        len(comment),
    )
    return bytes(out + directory) + end_of_directory + bytes(comment)


def _local(h: dict[str, Any]) -> bytes:
    sizes = (h["crc"], h["packed"], h["size"], len(h["name"]), len(h["extra"]))
    head = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, h["flags"], h["method"], 0, 0x21, *sizes)
    return head + bytes(h["name"]) + bytes(h["extra"])


def _central(h: dict[str, Any], mode: int) -> bytes:
    sizes = (h["crc"], h["packed"], h["size"], len(h["name"]), len(h["extra"]), len(h["comment"]), h["disk"])
    head = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 0x0314, 20, h["flags"], h["method"], 0, 0x21, *sizes, 0, mode << 16, h["header"]
    )
    return head + bytes(h["name"]) + bytes(h["extra"]) + bytes(h["comment"])
