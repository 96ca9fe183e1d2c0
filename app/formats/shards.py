"""Joins a ZIP of safetensors shards and their index into one safetensors file.

The layout is that of Hugging Face's libraries: `model.safetensors.index.json` with `weight_map`
{tensor: shard}, beside `model-00001-of-00002.safetensors` and so on. Only our own parsers read
them. The tensors' bytes are copied.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.formats.archive import ZipEntry, ZipRules, chunks, read_entry, read_structure
from app.formats.limits import MIB, CheckpointLimits
from app.formats.refusal import Refused, shown
from app.formats.safetensors_header import SafetensorsHeader, read_header_at
from app.formats.stated_classes import as_metadata, stated_orders
from app.formats.strict_json import JsonRefusedError, strict_json

INDEX_SUFFIX, SHARD_SUFFIX = ".safetensors.index.json", ".safetensors"
_LARGEST_INDEX = 16 * MIB
_ANY_ZIP = ZipRules(entries=20_100, entry_bytes=2**50, unpacked_bytes=2**50)


def looks_like_shards(path: Path) -> bool:
    """Return whether the file is a ZIP with the index of shards."""
    try:
        with path.open("rb") as file:
            return is_sharded(read_structure(file, _ANY_ZIP))
    except Refused:
        return False


def is_sharded(entries: list[ZipEntry]) -> bool:
    """Return whether the index of shards is among the entries."""
    return any(entry.name.endswith(INDEX_SUFFIX) for entry in entries)


def shard_rules(limits: CheckpointLimits) -> ZipRules:
    """Return the limits on a ZIP of shards."""
    return ZipRules(
        entries=1024,
        entry_bytes=limits.file_bytes,
        unpacked_bytes=limits.file_bytes,
        methods=frozenset({0}),
    )


def read_shards(
    file: BinaryIO, entries: list[ZipEntry], limits: CheckpointLimits
) -> tuple[dict[str, ZipEntry], dict[str, SafetensorsHeader]]:
    """Return the shards and their headers by name, after comparing them with the index.

    Raises: Refused (shards-..., and the codes of a single file).
    """
    index, shards = _members(entries)
    weight_map = _weight_map(file, index, limits)
    headers = {name: read_header_at(file, entry.begin, entry.size, limits) for name, entry in shards.items()}
    _check_map(weight_map, headers)
    return shards, headers


def join_shards(path: Path, out: Path, limits: CheckpointLimits) -> list[str]:
    """Write the joined file and return the names of the shards.

    Raises: Refused (zip-..., shards-..., and the codes of a single file).
    """
    with path.open("rb") as file:
        shards, headers = read_shards(file, read_structure(file, shard_rules(limits)), limits)
        with out.open("xb") as written:
            written.write(_header(headers))
            for name, entry in shards.items():
                for piece in _without_header(chunks(file, entry), headers[name].data_begin):
                    written.write(piece)
    return sorted(shards)


def _members(entries: list[ZipEntry]) -> tuple[ZipEntry, dict[str, ZipEntry]]:
    """Return the index, and the shards by name. Other files and several folders are rejected."""
    files = [entry for entry in entries if not entry.is_folder]
    if len({entry.name.rpartition("/")[0] for entry in files}) > 1:
        raise _refused("shards-folder", "the index and its shards must be in one folder")
    named = {entry.name.rpartition("/")[2]: entry for entry in files}
    indices = [name for name in named if name.endswith(INDEX_SUFFIX)]
    if len(indices) != 1:
        raise _refused("shards-index", f"the archive must have one index, not {len(indices)}")
    index = named.pop(indices[0])
    if strange := sorted(name for name in named if not name.endswith(SHARD_SUFFIX)):
        raise _refused("shards-member", f"{shown(strange[0])!r} is not a shard (pack only the index and its shards)")
    return index, named


def _weight_map(file: BinaryIO, index: ZipEntry, limits: CheckpointLimits) -> dict[str, str]:
    if index.size > _LARGEST_INDEX:
        raise _refused("shards-index", f"its index has {index.size:,} bytes, more than the limit of {_LARGEST_INDEX:,}")
    try:
        declared = strict_json(read_entry(file, index), depth=3, members=limits.tensors + limits.metadata_entries)
    except JsonRefusedError as error:
        raise _refused("shards-index", f"its index is not acceptable JSON: {shown(error)}") from None
    match declared:
        case {"weight_map": dict(weight_map)} if weight_map and set(declared) <= {"metadata", "weight_map"}:
            if all(isinstance(shard, str) for shard in weight_map.values()):
                return weight_map
    raise _refused(
        "shards-index", "its index must have weight_map, from tensors to shards, and no other key but metadata"
    )


def _check_map(weight_map: dict[str, str], headers: dict[str, SafetensorsHeader]) -> None:
    """Check that the index and the shards agree on every tensor."""
    if missing := sorted(set(weight_map.values()) - set(headers)):
        raise _refused("shards-missing", f"the shard {shown(missing[0])!r} of the index is missing", missing)
    if unnamed := sorted(set(headers) - set(weight_map.values())):
        raise _refused("shards-member", f"the index does not name the shard {shown(unnamed[0])!r}", unnamed)
    seen: set[str] = set()
    for shard, header in headers.items():
        if twice := sorted(seen & set(header.tensors)):
            raise _refused("shards-disagree", f"the tensor {shown(twice[0])!r} is in two shards", twice)
        seen |= set(header.tensors)
        if wrong := sorted(name for name in header.tensors if weight_map.get(name) != shard):
            raise _refused(
                "shards-disagree", f"{shown(shard)!r} holds {shown(wrong[0])!r}, which the index does not say", wrong
            )
    if lost := sorted(set(weight_map) - seen):
        raise _refused("shards-disagree", f"no shard has the tensor {shown(lost[0])!r} of the index", lost)


def _header(headers: dict[str, SafetensorsHeader]) -> bytes:
    """Return the header for the concatenated data of all shards, with their orders of classes."""
    orders = [order for header in headers.values() for order in stated_orders(header.metadata)]
    joined: dict[str, object] = {"__metadata__": metadata} if (metadata := as_metadata(orders)) else {}
    position = 0
    for header in headers.values():
        for name, tensor in header.tensors.items():
            offsets = [position + tensor.begin, position + tensor.end]
            joined[name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": offsets}
        position += max(tensor.end for tensor in header.tensors.values())
    text = json.dumps(joined, ensure_ascii=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _without_header(pieces: Iterator[bytes], skip: int) -> Iterator[bytes]:
    for piece in pieces:
        if skip < len(piece):
            yield piece[skip:]
        skip = max(0, skip - len(piece))


def _refused(code: str, what: str, names: list[str] | None = None) -> Refused:
    return Refused(
        code,
        f"The shards cannot be joined: {what}. Pack the index and all shards from one folder, uncompressed:"
        " zip -0 model.zip model.safetensors.index.json model-*.safetensors",
        [{"name": shown(name), "detail": what} for name in names or ()],
    )
