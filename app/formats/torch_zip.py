"""Reader for PyTorch ZIP files (torch.save since 1.6). Accepts plain state_dicts only."""

from __future__ import annotations

import re
from typing import Any, BinaryIO

from app.formats.archive import ZipEntry, ZipRules, chunks, read_entry, read_structure
from app.formats.limits import MIB, CheckpointLimits
from app.formats.pickle_reading import read_pickle
from app.formats.recipes import SAVE_WEIGHTS
from app.formats.refusal import Refused, shown

_PICKLE_BYTES = 16 * MIB
_AGAIN = SAVE_WEIGHTS
_MEMBER = re.compile(
    r"(?:data\.pkl|version|byteorder|\.format_version|\.storage_alignment|\.data/serialization_id|data/\d{1,9})"
)


def read_torch_zip(file: BinaryIO, limits: CheckpointLimits) -> Any:
    """Return the saved value, with tensors as data type and shape (`pickle_reading`).

    The archive must have one folder of stored entries: one pickle with allowed instructions, and
    storages. Checksums must be right, and no code is accepted.

    Raises: Refused.
    """
    return open_torch_zip(file, limits)[0]


def open_torch_zip(file: BinaryIO, limits: CheckpointLimits) -> tuple[Any, dict[str, ZipEntry]]:
    """Return the same value, and the entries of the archive by name inside its folder.

    Raises: Refused.
    """
    members = torch_members(read_structure(file, torch_rules(limits)))
    value = read_saved(file, members, limits)
    for entry in members.values():
        for _ in chunks(file, entry):  # compares size and checksum
            pass
    return value, members


def is_state_dict(entries: list[ZipEntry]) -> bool:
    """Return whether the archive has a `data.pkl` and no sign of code."""
    inner = {entry.name.partition("/")[2] for entry in entries}
    code = any(name.startswith("code/") for name in inner)
    return "data.pkl" in inner and not code and not inner & {"constants.pkl", "archive_format"}


def torch_rules(limits: CheckpointLimits) -> ZipRules:
    """Return the limits on a ZIP written by torch.save."""
    return ZipRules(
        entries=limits.tensors + 8,
        entry_bytes=limits.file_bytes,
        unpacked_bytes=limits.file_bytes,
        methods=frozenset({0}),
        name_length=limits.name_length,
    )


def read_saved(file: BinaryIO, members: dict[str, ZipEntry], limits: CheckpointLimits) -> Any:
    """Return the value of the archive's pickle.

    Raises: Refused.
    """
    if _text(file, members, "byteorder", "little") != "little":
        raise Refused("torch-big-endian", "The file was saved on a big-endian machine. Save it there as safetensors.")
    pickled = members["data.pkl"]
    if pickled.size > _PICKLE_BYTES:
        raise Refused("pickle-too-large", f"Its pickle has {pickled.size:,} bytes, which is too large. {_AGAIN}")
    records = {name.removeprefix("data/"): entry.size for name, entry in members.items() if name.startswith("data/")}
    return read_pickle(read_entry(file, pickled), records, tensors=limits.tensors)


def torch_members(entries: list[ZipEntry]) -> dict[str, ZipEntry]:
    """Return the entries by name inside the archive's only folder. Raises: Refused."""
    members: dict[str, ZipEntry] = {}
    folders = {entry.name.partition("/")[0] for entry in entries}
    for entry in entries:
        _, slash, name = entry.name.partition("/")
        if len(folders) > 1 or not slash or not _MEMBER.fullmatch(name):
            raise Refused(
                "torch-zip-member",
                f"torch.save does not write the entry {shown(entry.name)!r}. {_AGAIN}",
                [{"name": shown(entry.name), "detail": "is unexpected"}],
            )
        members[name] = entry
    if "data.pkl" not in members:
        raise Refused("torch-zip-member", f"The file has no data.pkl. {_AGAIN}")
    return members


def _text(file: BinaryIO, members: dict[str, ZipEntry], name: str, missing: str) -> str:
    entry = members.get(name)
    if entry is None:
        return missing
    return read_entry(file, entry).decode("ascii", "replace").strip() if entry.size <= 64 else ""
