"""Structure of a ZIP file, checked fail closed.

Both headers of every entry must agree, and every byte must belong to a record.
"""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
from dataclasses import dataclass
from operator import attrgetter
from typing import BinaryIO, NamedTuple

from app.formats.archive.records import SENTINEL, Directory, find_directory, read_at, unsound, widened, zip64_extra

_CENTRAL = struct.Struct("<4s2x3H4x3L4H2x2L")
_LOCAL = struct.Struct("<4s2x2H4x3L2H")
STORED, DEFLATED = 0, 8
_STREAMED, _KNOWN_FLAGS = 0x0008, 0x0806 | 0x0008
_FILE = (0, stat.S_IFREG >> 12)
_DESCRIPTORS = (12, 16, 20, 24)
_DEEPEST = 32
_NEWEST = 63  # newest version of the ZIP specification that an entry may need, times ten
_PLAIN = re.compile(rb"[\w \-+=@()][\w .\-+=@()]*(?:/[\w \-+=@()][\w .\-+=@()]*)*/?")
"""Matches most names. A name that matches can only break the rules on length and depth."""
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of writing, so that a name is displayed as another."""


@dataclass(frozen=True)
class ZipRules:
    """Limits on an archive."""

    entries: int
    entry_bytes: int
    unpacked_bytes: int
    methods: frozenset[int] = frozenset({STORED, DEFLATED})
    ratio: int = 100
    ratio_from_bytes: int = 4 * 1024 * 1024
    name_length: int = 400
    instead: str = ""
    """End of the message about too many entries; says what to do."""


class ZipEntry(NamedTuple):
    """One of up to 200,000 entries, with its packed bytes at `begin` to `begin + packed`.

    `begin` is a guess until the entry's local header has been read.
    """

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    header: int
    begin: int

    @property
    def is_folder(self) -> bool:
        """Whether the entry is a folder."""
        return self.name.endswith("/")


def read_structure(file: BinaryIO, rules: ZipRules) -> list[ZipEntry]:
    """Return every entry in the order of the directory, with the position of its bytes.

    Raises: Refused with the rule that was broken and the entry that broke it.
    """
    entries, begin = read_directory(file, rules)
    return _locals(file, entries, begin)


def read_directory(file: BinaryIO, rules: ZipRules) -> tuple[list[ZipEntry], int]:
    """Return the entries as the directory describes them, and the start of the directory.

    Local headers are not read.

    Raises: Refused.
    """
    directory = find_directory(file)
    if directory.entries > rules.entries:
        many = f"it has {directory.entries} entries, more than the limit of {rules.entries}{rules.instead}"
        raise unsound("zip-too-many-entries", many)
    if directory.size > directory.entries * (_CENTRAL.size + 3 * 0x1000):
        raise unsound("zip-end-record", "its directory is far larger than its entries need")
    entries = _central(read_at(file, directory.begin, directory.size), directory, rules)
    _check_names(entries)
    if (total := sum(e.size for e in entries)) > rules.unpacked_bytes:
        raise unsound("zip-bomb", f"it unpacks to {total} bytes, more than the limit of {rules.unpacked_bytes}")
    return entries, directory.begin


def located(file: BinaryIO, entry: ZipEntry) -> ZipEntry:
    """Return an entry of the directory with the position of its bytes, read from its local header.

    Raises: Refused.
    """
    return entry._replace(begin=_check_local(file, entry))


def _central(data: bytes, directory: Directory, rules: ZipRules) -> list[ZipEntry]:
    entries, position, unpack = [], 0, _CENTRAL.unpack_from
    small = min(rules.entry_bytes, rules.ratio_from_bytes)
    for _ in range(directory.entries):
        if position + _CENTRAL.size > len(data):
            raise unsound("zip-truncated", "its directory ends early")
        (
            sign,
            needed,
            flags,
            method,
            crc,
            packed,
            size,
            name_length,
            extra_length,
            comment,
            disk,
            mode,
            header,
        ) = unpack(data, position)
        position += _CENTRAL.size
        end_of_name = position + name_length
        end = end_of_name + extra_length
        if sign != b"PK\x01\x02" or end > len(data):
            raise unsound("zip-truncated", "its directory is malformed")
        name = _name(data[position:end_of_name], rules)
        if extra_length or SENTINEL in (size, packed, header):
            field = zip64_extra(data[end_of_name:end], name)
            size, packed, header = widened((size, packed, header), field, name)
        entry = ZipEntry(name, flags, method, crc, packed, size, header, header + _LOCAL.size + name_length)
        if comment:
            raise unsound("zip-comment", "has a comment", name)
        if needed & 0xFF > _NEWEST:
            raise unsound("zip-method", f"needs version {needed & 0xFF} of the format, newer than {_NEWEST}", name)
        if disk:
            raise unsound("zip-multi-disk", "is in another part of a multi-part archive", name)
        sound = mode >> 28 in _FILE and (packed == size or method != STORED) and size <= small and name[-1] != "/"
        if not sound or flags & ~_KNOWN_FLAGS or method not in rules.methods:
            _check_entry(entry, mode >> 16, rules)
        entries.append(entry)
        position = end
    if position != len(data):
        raise unsound("zip-end-record", "its directory is larger than its entries")
    return entries


def _name(raw: bytes, rules: ZipRules) -> str:
    if raw.count(b"/") > _DEEPEST:
        raise unsound("zip-name", f"is nested in more than {_DEEPEST} folders", raw.decode("latin-1"))
    if _PLAIN.fullmatch(raw) and len(raw) <= rules.name_length:
        return raw.decode("ascii")
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise unsound("zip-name", "has a name that is not UTF-8", raw.decode("latin-1")) from None
    if not name or len(name) > rules.name_length or not (name.isprintable() or _is_text(name)):
        raise unsound("zip-name", "has an empty, too long or unprintable name", name)
    if name.startswith("/") or "\\" in name or (len(name) > 1 and name[1] == ":"):
        raise unsound("zip-absolute-name", "has an absolute path or a backslash in its name", name)
    steps = f"/{name.removesuffix('/')}/"
    if "//" in steps or "/./" in steps or "/../" in steps:
        raise unsound("zip-climbs-out", "has a path with '..', '.' or an empty folder name", name)
    return name


def _is_text(name: str) -> bool:
    """Whether all characters are printable, spaces of any width, or zero-width.

    Some scripts need zero-width characters.
    """
    return all(char.isprintable() or unicodedata.category(char) in ("Cf", "Zs") for char in name) and not (
        _DIRECTIONS.intersection(name)
    )


def _check_entry(entry: ZipEntry, mode: int, rules: ZipRules) -> None:
    if entry.flags & ~_KNOWN_FLAGS:
        raise unsound(
            "zip-encrypted", f"is encrypted or uses unsupported features (flags {entry.flags:#x})", entry.name
        )
    if entry.method not in rules.methods:
        raise unsound("zip-method", f"uses the unsupported compression method {entry.method}", entry.name)
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise unsound("zip-link", "is a link or a device, not a file", entry.name)
    if entry.is_folder and entry.size:
        raise unsound("zip-folder", "is a folder, but has content", entry.name)
    if entry.method == STORED and entry.packed != entry.size:
        raise unsound("zip-size", "is stored, but with two different sizes", entry.name)
    if entry.size > rules.entry_bytes:
        raise unsound(
            "zip-entry-too-large",
            f"unpacks to {entry.size} bytes, more than the limit of {rules.entry_bytes}",
            entry.name,
        )
    if entry.size > rules.ratio_from_bytes and entry.size > rules.ratio * entry.packed:
        raise unsound("zip-bomb", f"unpacks from {entry.packed} to {entry.size} bytes", entry.name)


def _check_names(entries: list[ZipEntry]) -> None:
    if len({entry.name.removesuffix("/") for entry in entries}) == len(entries):
        return
    seen: set[str] = set()
    for entry in entries:
        bare = entry.name.removesuffix("/")
        if bare in seen:
            raise unsound("zip-duplicate-name", "is in the archive twice", entry.name)
        seen.add(bare)


def _locals(file: BinaryIO, entries: list[ZipEntry], directory_begin: int) -> list[ZipEntry]:
    """Compare each local header with the directory, and require the entries to fill the file."""
    moved: dict[int, int] = {}
    position, streamed = 0, 0
    for entry in sorted(entries, key=attrgetter("header")):
        _, flags, _, _, packed, _, header, guess = entry
        gap = header - position
        if gap and not (streamed and gap in _DESCRIPTORS):
            raise unsound(
                "zip-overlap" if gap < 0 else "zip-hidden-bytes",
                "overlaps another entry or hides bytes before it",
                entry.name,
            )
        begin = _check_local(file, entry)
        if begin != guess:
            moved[header] = begin
        position, streamed = begin + packed, flags & _STREAMED
    gap = directory_begin - position
    if gap and not (streamed and gap in _DESCRIPTORS):
        raise unsound(
            "zip-overlap" if gap < 0 else "zip-hidden-bytes", "its entries and directory overlap or leave bytes unused"
        )
    if not moved:
        return entries
    return [entry._replace(begin=moved.get(entry.header, entry.begin)) for entry in entries]


def _check_local(file: BinaryIO, entry: ZipEntry) -> int:
    name_length: int
    extra_length: int
    name, header = entry.name, entry.header
    raw = name.encode()
    end = header + _LOCAL.size + len(raw)
    head = read_at(file, header, end - header)
    sign, flags, method, crc, packed, size, name_length, extra_length = _LOCAL.unpack_from(head)
    if sign != b"PK\x03\x04" or name_length != len(raw) or not head.endswith(raw):
        raise unsound("zip-headers-differ", "has a different name, or none, in its local header", name)
    if extra_length or SENTINEL in (size, packed):
        extra = read_at(file, end, extra_length)
        size, packed = widened((size, packed), zip64_extra(extra, name), name)
    if flags != entry.flags or method != entry.method:
        raise unsound("zip-headers-differ", "has different flags or another method in its local header", name)
    same = crc == entry.crc and packed == entry.packed and size == entry.size
    if not same and not (flags & _STREAMED and crc == packed == size == 0):
        raise unsound("zip-headers-differ", "has different sizes or another checksum in its local header", name)
    return end + extra_length
