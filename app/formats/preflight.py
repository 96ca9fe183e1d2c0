"""Check of a checkpoint before it is uploaded.

The parsers of the intake run on pieces of the file: a safetensors header, or the directory and the
pickle of a ZIP. Standard library only. The intake can still reject a file that passes, as it also
checks the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, NamedTuple, cast

from app.formats.architectures import AUTO, Proposal, detect, masks, tensors_of
from app.formats.archive import STORED, ZipEntry, ZipRules, located, read_directory
from app.formats.class_order import check_order
from app.formats.declaration import check_declaration
from app.formats.key_maps import MadeTensor
from app.formats.limits import CHECKPOINT, CheckpointLimits
from app.formats.mismatch import Mismatch, class_count
from app.formats.onnx_ends import read_ends
from app.formats.pickle_reading import StoredTensor
from app.formats.pieces import NotSentError, Pieces
from app.formats.proposals import check_layout, check_weights, propose, settled, with_proposals
from app.formats.recognition import Format, recognise_in
from app.formats.refusal import Refused
from app.formats.remedies import malformed_zip, refusal_of_kind
from app.formats.safetensors_header import read_header_at
from app.formats.shards import is_sharded, read_shards, shard_rules
from app.formats.state_dicts import Found, best, candidates, check_parameters, tensor_layout
from app.formats.stated_classes import StatedOrder, stated_classes, stated_orders
from app.formats.torch_zip import is_state_dict, read_saved, torch_members, torch_rules

ONNX_GRAPH = "exhume/onnx-graph"
"""Architecture of a model that brings its own graph."""
_ANY_ZIP = ZipRules(entries=20_100, entry_bytes=2**50, unpacked_bytes=2**50)


@dataclass(frozen=True)
class Description:
    """Description of the future release. `num_classes`, `channels`, `classes`: None if unknown."""

    architecture: str = AUTO
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    num_classes: int | None = None
    channels: int | None = None
    classes: tuple[str, ...] | None = None
    confirm_class_order: bool = False


@dataclass(frozen=True)
class PreflightResult:
    """Result of the check.

    `wanted`: (offset, length) of the bytes to send next if there is no verdict yet.
    `shapes_alone`: the names are the architecture's, and only shapes are rejected.
    `classes`: their names in the order of the outputs, if the file states them.
    `side`: of the images in pixels, where an ONNX model has it.
    """

    format: str | None = None
    refusal: Refused | None = None
    proposals: list[Proposal] = field(default_factory=list)
    wrapper: tuple[str, ...] = ()
    prefix: str = ""
    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    shapes_alone: bool = False
    wanted: tuple[int, int] | None = None
    classes: list[str] | None = None
    side: int | None = None


def check(
    size: int, pieces: Iterable[tuple[int, bytes]], described: Description, limits: CheckpointLimits = CHECKPOINT
) -> PreflightResult:
    """Check a file of `size` bytes by some of its pieces, each (offset, bytes).

    Raises: ValueError if pieces overlap or lie outside the file.
    """
    seen = PreflightResult()
    file = cast("BinaryIO", Pieces(size, pieces))
    try:
        kind = recognise_in(file)
        seen = replace(seen, format=str(kind))
        if kind is Format.ONNX:
            return _ends_checked(seen, file, size, described, limits)
        loaded = _loaded(file, size, kind, limits)
        seen = replace(seen, classes=stated_classes(loaded.orders))
        seen = _checked(seen, loaded.tensors, described)
        if seen.refusal is None and described.classes is not None:
            check_order(loaded.orders, described.classes, confirmed=described.confirm_class_order)
        return seen
    except NotSentError as needed:
        return replace(seen, wanted=(needed.offset, needed.length))
    except Refused as refusal:
        return replace(seen, refusal=refusal)


def check_names(loaded: Any, request: dict[str, Any]) -> None:
    """Reject weights that do not fit the architecture, without starting a sandbox.

    Where the number of channels can affect shapes that are not listed, the sandbox checks the
    shapes.

    Raises: Refused.
    """
    described = Description(
        request["architecture"],
        request["hyperparameters"],
        request["num_classes"],
        request["convention"].get("channels"),
    )
    seen = _checked(PreflightResult(), loaded, described)
    if seen.refusal is None or (seen.shapes_alone and not _knows_stems(described)):
        return
    raise seen.refusal


class _Loaded(NamedTuple):
    """The tensors, wrapped as they were saved, and the orders of classes that the file states."""

    tensors: Any
    orders: list[StatedOrder]


def _check_size(size: int, limits: CheckpointLimits) -> None:
    if size > limits.file_bytes:
        raise Refused("checkpoint-too-large", f"The file has {size:,} bytes. The limit is {limits.file_bytes:,}.")


def _ends_checked(
    seen: PreflightResult, file: BinaryIO, size: int, described: Description, limits: CheckpointLimits
) -> PreflightResult:
    """Read what an ONNX model takes and gives, and compare the order of its classes.

    Whether it is accepted needs the whole file.
    """
    _check_size(size, limits)
    ends = read_ends(file, size)
    orders = stated_orders(ends.metadata)
    known = ends.num_classes is not None or ends.channels is not None
    proposals = [Proposal(ONNX_GRAPH, True, ends.num_classes, ends.channels)] if known else []
    seen = replace(seen, proposals=proposals, side=ends.side, classes=stated_classes(orders))
    if described.classes is not None:
        check_order(orders, described.classes, confirmed=described.confirm_class_order)
    return seen


def _loaded(file: BinaryIO, size: int, kind: Format, limits: CheckpointLimits) -> _Loaded:
    """Return the tensors."""
    _check_size(size, limits)
    if kind is Format.SAFETENSORS:
        header = read_header_at(file, 0, size, limits)
        return _Loaded(header.tensors, stated_orders(header.metadata))
    if kind is not Format.ZIP:
        raise refusal_of_kind(kind)
    try:
        entries, _ = read_directory(file, _ANY_ZIP)
    except Refused as refusal:
        raise malformed_zip(refusal) from None
    if is_sharded(entries):
        placed = [_placed(file, entry) for entry in read_directory(file, shard_rules(limits))[0]]
        headers = read_shards(file, placed, limits)[1]
        tensors = {name: tensor for header in headers.values() for name, tensor in header.tensors.items()}
        return _Loaded(tensors, [order for header in headers.values() for order in stated_orders(header.metadata)])
    if is_state_dict(entries) and all(entry.method == STORED for entry in entries):
        members = torch_members(read_directory(file, torch_rules(limits))[0])
        try:
            small = {name: _placed(file, members[name]) for name in ("data.pkl", "byteorder") if name in members}
        except Refused as refusal:
            raise malformed_zip(refusal) from None
        saved = read_saved(file, members | small, limits)
        return _Loaded(saved, stated_orders(saved))
    raise refusal_of_kind(kind, {entry.name for entry in entries})


def _placed(file: BinaryIO, entry: ZipEntry) -> ZipEntry:
    return entry if entry.is_folder else located(file, entry)


def _checked(seen: PreflightResult, loaded: Any, described: Description) -> PreflightResult:
    check_weights(loaded, described.architecture)
    check_declaration(described.architecture, described.hyperparameters)
    seen = replace(seen, proposals=propose(loaded))
    expected = _expected(described)
    found = best(candidates(loaded), expected, lambda tensor: tuple(tensor.shape))[0]
    seen = replace(seen, wrapper=found.wrapper, prefix=found.prefix)
    _check_stored(found)
    if described.architecture == AUTO:
        settled(loaded, described.hyperparameters)
        return replace(seen, refusal=_sizes(found, described))
    check_layout(found.layout, described.architecture)
    if not expected:
        return seen
    mismatch = _compared(found, expected, described)
    if not (mismatch.missing or mismatch.unexpected or mismatch.shapes):
        return seen
    refusal = with_proposals(mismatch.refusal(described.architecture, described.num_classes or 0), loaded)
    missing, unexpected = list(mismatch.missing), list(mismatch.unexpected)
    alone = not (missing or unexpected) and refusal.code == "checkpoint-mismatch"
    return replace(seen, refusal=refusal, missing=missing, unexpected=unexpected, shapes_alone=alone)


def _check_stored(found: Found) -> None:
    """Check that the tensors do not claim more memory than the file stores.

    A view may claim more elements than its storage has. Tensors that share a storage are counted
    each, as each becomes a copy.
    """
    total = 0
    for name, tensor in found.tensors.items():
        total += math.prod(tensor.shape)
        for part in tensor.parts if isinstance(tensor, MadeTensor) else (tensor,):
            if isinstance(part, StoredTensor) and (claimed := math.prod(part.shape)) > part.stored:
                raise tensor_layout(name, f"claims {claimed} elements but stores fewer")
    check_parameters(total, CHECKPOINT)


def _expected(described: Description) -> dict[str, tuple[int, ...]]:
    """Return the tensors of the declared architecture, or none if they are not known."""
    if described.architecture == AUTO:
        return {}
    return dict(tensors_of(described.architecture, described.hyperparameters, described.channels or 3) or {})


def _knows_stems(described: Description) -> bool:
    """Return whether the expected shapes account for the number of channels."""
    return described.channels == 3 or (described.channels is not None and described.architecture.startswith("exhume/"))


def _compared(found: Found, expected: dict[str, tuple[int, ...]], described: Description) -> Mismatch:
    """Compare names and shapes. Stems of an unknown shape are left to the intake."""
    heads, stems = masks(described.architecture)
    shapes = {}
    for name, listed in expected.items():
        if name not in found.tensors or (name in stems and not _knows_stems(described)):
            continue
        have = tuple(found.tensors[name].shape)
        classes = described.num_classes if described.num_classes is not None else have[0] if have else 0
        want = (classes, *listed[1:]) if name in heads else listed
        if have != want:
            shapes[name] = (want, have)
    missing = sorted(expected.keys() - found.tensors.keys())
    return Mismatch(missing, sorted(found.tensors.keys() - expected.keys()), shapes)


def _sizes(found: Found, described: Description) -> Refused | None:
    """Compare classes and channels with a detected architecture. Return the rejection, if any."""
    first = detect({name: tuple(tensor.shape) for name, tensor in found.tensors.items()})[0]
    if not first.exact:
        return None
    if first.num_classes == 1 or (
        described.num_classes is not None and first.num_classes not in (None, described.num_classes)
    ):
        heads, _ = masks(first.architecture)
        return class_count(first.num_classes or 0, described.num_classes or 0, head=heads)
    if described.channels is not None and first.channels not in (None, described.channels):
        return Refused(
            "checkpoint-mismatch",
            f"The weights of {first.architecture} need images with {first.channels} channels, but the convention has"
            f" {described.channels}. Create the release with the convention of the model.",
        )
    return None
