"""ZIP archives with a forged structure. Each is a valid data set except for one fault."""

from __future__ import annotations

import struct
from typing import Any

from bench.hostile.case import BOUNDED, ONE_MEANING, SAYS_WHY, STAYS_INSIDE, Case, fixed
from bench.hostile.pictures import PNG
from bench.hostile.zip_writer import Member, deflated, write_zip

GOOD = Member("anna/1.png", PNG)


def _second(**fields: Any) -> bytes:
    """Return a ZIP of a valid image and a second one with these fields."""
    return write_zip([GOOD, Member(**{"name": "bert/1.png", "data": PNG, **fields})])


def _quoted() -> bytes:
    """Return the overlap bomb of D. Fifield (2019).

    The second entry's data is the first entry's header and data.
    """
    first = write_zip([GOOD])[: 30 + len(GOOD.name) + len(PNG)]
    return write_zip([Member("a/1.png", first), Member("b/1.png", PNG, central={"header": 30 + 7})])


def _zip64(wide: bytes, **central: Any) -> bytes:
    return _second(central={"extra": struct.pack("<2H", 1, len(wide)) + wide, **central})


def _end_with_locator() -> bytes:
    data = write_zip([GOOD])
    return data[:-22] + struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1) + data[-22:]


ZIP_ARCHIVES: tuple[Case, ...] = (
    fixed("climbs out", STAYS_INSIDE, "zip-climbs-out", _second(name="../../bert/1.png")),
    fixed("climbs out in the middle", STAYS_INSIDE, "zip-climbs-out", _second(name="bert/../../1.png")),
    fixed("absolute name", STAYS_INSIDE, "zip-absolute-name", _second(name="/etc/1.png")),
    fixed("drive letter", STAYS_INSIDE, "zip-absolute-name", _second(name="C:/1.png")),
    fixed("backslashes", STAYS_INSIDE, "zip-absolute-name", _second(name="..\\bert\\1.png")),
    fixed("NUL in a name", STAYS_INSIDE, "zip-name", _second(name="bert/1.png\0.txt")),
    fixed(
        "name that is not UTF-8",
        SAYS_WHY,
        "zip-name",
        _second(local={"name": b"\xff/1.png"}, central={"name": b"\xff/1.png"}),
    ),
    fixed("link", STAYS_INSIDE, "zip-link", _second(mode=0o120777, data=b"/etc/passwd")),
    fixed("device", STAYS_INSIDE, "zip-link", _second(mode=0o020666)),
    fixed("encrypted", SAYS_WHY, "zip-encrypted", _second(local={"flags": 1}, central={"flags": 1})),
    fixed("packed by bzip2", SAYS_WHY, "zip-method", _second(method=12)),
    fixed("duplicate name", ONE_MEANING, "zip-duplicate-name", _second(name="anna/1.png")),
    fixed("file that is a folder too", ONE_MEANING, "zip-duplicate-name", _second(name="anna/1.png/", data=b"")),
    fixed("folder with content", ONE_MEANING, "zip-folder", _second(name="bert/")),
    fixed("other name in the local header", ONE_MEANING, "zip-headers-differ", _second(local={"name": b"karl/1.png"})),
    fixed("other size in the local header", ONE_MEANING, "zip-headers-differ", _second(local={"size": 5})),
    fixed("other checksum in the local header", ONE_MEANING, "zip-headers-differ", _second(local={"crc": 5})),
    fixed("other method in the local header", ONE_MEANING, "zip-headers-differ", _second(local={"method": 8})),
    fixed("other flags in the local header", ONE_MEANING, "zip-headers-differ", _second(local={"flags": 0})),
    fixed("wrong checksum", ONE_MEANING, "zip-checksum", _second(local={"crc": 5}, central={"crc": 5})),
    fixed("stored with two sizes", BOUNDED, "zip-size", _second(central={"size": 2**30})),
    fixed(
        "deflates to more than it says",
        BOUNDED,
        "zip-corrupt",
        write_zip([Member("a/1.png", b"x" * 100, 8, deflated("", b"x" * 5000).packed)]),
    ),
    fixed(
        "deflates to less than it says",
        ONE_MEANING,
        "zip-corrupt",
        write_zip([Member("a/1.png", b"x" * 5000, 8, deflated("", b"x" * 100).packed)]),
    ),
    fixed("broken deflate stream", ONE_MEANING, "zip-corrupt", _second(method=8, packed=b"\xff" * 40)),
    fixed(
        "bytes after the deflate stream",
        ONE_MEANING,
        "zip-corrupt",
        write_zip([Member("a/1.png", PNG, 8, (deflated("", PNG).packed or b"") + b"hidden")]),
    ),
    fixed("bomb", BOUNDED, "zip-bomb", write_zip([deflated("a/1.png", bytes(20_000_000))])),
    fixed(
        "bomb of many",
        BOUNDED,
        "zip-bomb",
        write_zip(
            [
                Member(
                    f"a/{i}.png",
                    b"",
                    8,
                    b"\x03\x00",
                    local={"size": 64_000_000, "packed": 640_000},
                    central={"size": 64_000_000, "packed": 640_000},
                )
                for i in range(150)
            ]
        ),
    ),
    fixed(
        "entry over the limit",
        BOUNDED,
        "zip-entry-too-large",
        _second(method=8, central={"size": 2**31, "packed": 2**30}),
    ),
    fixed("entries share bytes", BOUNDED, "zip-overlap", _second(central={"header": 0, "name": b"anna/1.png "})),
    fixed("quoted overlap", BOUNDED, "zip-overlap", _quoted()),
    fixed(
        "hidden bytes between entries",
        ONE_MEANING,
        "zip-hidden-bytes",
        write_zip([Member("a/1.png", PNG, after=b"hidden!"), Member("b/1.png", PNG)]),
    ),
    fixed(
        "hidden bytes before the directory",
        ONE_MEANING,
        "zip-hidden-bytes",
        write_zip([Member("a/1.png", PNG, after=b"hidden!")]),
    ),
    fixed(
        "something before the archive", ONE_MEANING, "zip-hidden-bytes", write_zip([GOOD], before=b"PK\x03\x04 before")
    ),
    fixed("something after the archive", ONE_MEANING, "zip-end-record", write_zip([GOOD]) + b"tail"),
    fixed("comment", ONE_MEANING, "zip-end-record", write_zip([GOOD], comment=b"PK\x05\x06" + bytes(18))),
    fixed("entry with a comment", ONE_MEANING, "zip-comment", _second(central={"comment": b"hello"})),
    fixed("several disks", ONE_MEANING, "zip-multi-disk", write_zip([GOOD], disk=1)),
    fixed("entry on another disk", ONE_MEANING, "zip-multi-disk", _second(central={"disk": 3})),
    fixed("more entries promised", ONE_MEANING, "zip-truncated", write_zip([GOOD], here=2, total=2)),
    fixed(
        "fewer entries promised",
        ONE_MEANING,
        "zip-end-record",
        write_zip([GOOD, Member("b/1.png", PNG)], here=1, total=1),
    ),
    fixed("counts differ", ONE_MEANING, "zip-multi-disk", write_zip([GOOD], here=2)),
    fixed("directory elsewhere", ONE_MEANING, "zip-end-record", write_zip([GOOD], begin=0)),
    fixed("cut in the end record", SAYS_WHY, "zip-end-record", write_zip([GOOD])[:-1]),
    fixed("cut in the directory", SAYS_WHY, "zip-end-record", write_zip([GOOD])[:-40]),
    fixed("cut in the data", SAYS_WHY, "zip-end-record", write_zip([GOOD])[:200]),
    fixed("cut in the first header", SAYS_WHY, "zip-truncated", write_zip([GOOD])[:20]),
    fixed("zip64 without its field", ONE_MEANING, "zip64-lies", _second(central={"size": 2**32 - 1})),
    fixed("zip64 field without need", ONE_MEANING, "zip64-lies", _zip64(struct.pack("<Q", 1))),
    fixed("zip64 field too short", ONE_MEANING, "zip64-lies", _zip64(bytes(4), size=2**32 - 1)),
    fixed(
        "two zip64 fields",
        ONE_MEANING,
        "zip64-lies",
        _second(central={"extra": struct.pack("<2HQ", 1, 8, 1) * 2, "size": 2**32 - 1}),
    ),
    fixed("zip64 locator to nowhere", ONE_MEANING, "zip64-lies", _end_with_locator()),
    fixed("zip64 promised at the end", ONE_MEANING, "zip64-lies", write_zip([GOOD], here=0xFFFF, total=0xFFFF)),
    fixed(
        "second name in an extra field",
        ONE_MEANING,
        "zip-extra",
        _second(central={"extra": struct.pack("<2H", 0x7075, 4) + b"name"}),
    ),
    fixed("extra field too long", ONE_MEANING, "zip-extra", _second(central={"extra": struct.pack("<2H", 9, 900)})),
)
