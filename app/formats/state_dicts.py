"""Search for the weights in a checkpoint, under the names that an architecture has for them.

Dicts are unwrapped, prefixes and parts of names removed, and names of other libraries translated.
All of it is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.formats.architectures import detect
from app.formats.key_maps import renamed, with_usual_head, without_parametrisations
from app.formats.limits import CheckpointLimits
from app.formats.recipes import SAVE_WEIGHTS
from app.formats.refusal import Refused, shown

WRAPPERS = (
    *("state_dict", "model_state_dict", "model", "net", "network", "weights", "params"),
    *("state_dict_ema", "model_ema", "ema", "ema_state_dict", "params_ema", "module"),
    "state_dict_backbone",
)
COUNTER = "n_averaged"
"""torch.optim.swa_utils.AveragedModel saves it with the weights."""
ANYWHERE = frozenset({"module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"})
"""Parts that wrappers of modules add to names: DistributedDataParallel, torch.compile, FSDP and
activation checkpointing."""
BESIDE = re.compile(
    r"n_averaged|criterion\w*|loss\w*|\w+_loss|\w*metrics?|(?:train|val|valid|test)_\w+|\w*accuracy|\w*_acc",
    re.IGNORECASE,
)
"""First parts of the names of losses, metrics and counters, which are saved beside a network."""
_DEEPEST, _MOST_PREFIXES = 3, 6


@dataclass(frozen=True)
class Found:
    """Weights by their bare names, and where they were found in the file.

    Attributes:
        wrapper: keys of the wrapping dicts.
        prefix: removed from all names.
        left_out: names of losses, metrics and counters that were skipped.
        names: names in the file to those of `tensors`, where any differ.
        layout: key of `LAYOUTS`, if the names are those of another library.
        head: name of the last layer in the file, if the architecture has another.
        computed: names in the file of pruned and normalised weights.
    """

    tensors: Mapping[str, Any]
    wrapper: tuple[str, ...] = ()
    prefix: str = ""
    left_out: tuple[str, ...] = field(default=())
    names: Mapping[str, str] = field(default_factory=dict)
    layout: str = ""
    head: str = ""
    computed: tuple[str, ...] = ()

    @property
    def way(self) -> dict[str, Any]:
        """`source` of the release's examination."""
        rarer = {"layout": self.layout, "head": self.head, "computed": list(self.computed)}
        return {
            "wrapper": list(self.wrapper),
            "prefix": self.prefix,
            "left_out": list(self.left_out),
            "key_map": dict(self.names),
            **{key: value for key, value in rarer.items() if value},
        }


def candidates(loaded: object) -> Iterator[Found]:
    """Yield every dict of tensors inside known wrappers, under the names in the file and others.

    `loaded`: a loaded checkpoint. Values with a `dtype` and a `shape` are tensors.
    """
    for wrapper, tensors in _dicts(loaded, (), set()):
        for bare in _bare(Found(tensors, wrapper)):
            yield bare
            for mapped in renamed(bare.tensors):
                yield _moved(bare, mapped.tensors, mapped.names, layout=mapped.layout, more=mapped.dropped)
        computed = without_parametrisations(bare.tensors)
        if computed is not None:
            changed = tuple(old for old in bare.tensors if computed[1][old] != old)
            bare = _moved(bare, *computed, computed=changed)
            yield bare
        for headed in with_usual_head(bare.tensors):
            found = _moved(bare, headed.tensors, headed.names, head=headed.head)
            yield replace(found, prefix=found.prefix + headed.prefix)


def _bare(found: Found) -> Iterator[Found]:
    """Yield the tensors as they are, without those beside the network, and without prefixes."""
    yield found
    if (network := _without_others(found)) is not None:
        found = network
        yield found
    for _ in range(_MOST_PREFIXES):
        if (shorter := _without_prefix(found)) is None:
            break
        found = shorter
        yield found
    if (inner := _without_steps(found)) is not None:
        yield inner


def no_state_dict() -> Refused:
    """Return the rejection of a file without weights."""
    return Refused(
        "no-state-dict",
        f"The file has no dict of tensors under a known key. {SAVE_WEIGHTS}",
    )


def check_parameters(numbers: int, limits: CheckpointLimits) -> None:
    """Check the number of elements, which bounds the memory of the weights.

    Raises: Refused (too-many-parameters).
    """
    if numbers > limits.parameters:
        raise Refused(
            "too-many-parameters",
            f"The checkpoint holds {numbers:,} numbers. The limit is {limits.parameters:,}."
            " Upload only the weights, without optimiser states.",
        )


def tensor_layout(name: str, what: str) -> Refused:
    """Return the rejection of a tensor with an unsupported layout."""
    return Refused(
        "tensor-layout",
        f"The tensor {shown(name)!r} {what}. {SAVE_WEIGHTS}",
        [{"name": shown(name), "detail": what}],
    )


def best(
    found: Iterable[Found], expected: Mapping[str, tuple[int, ...]], shapes: Callable[[Any], tuple[int, ...]]
) -> list[Found]:
    """Return the dicts of tensors that fit best, in order. The list is empty if `found` is.

    With `expected`, the names and shapes of an architecture: those with exactly these names, first
    those with most of the shapes, or else the one that shares most of the names. Without: those
    that a known architecture fits. Dicts are never merged.
    """
    ranked = list(found)
    if expected:
        fits = [f for f in ranked if f.tensors.keys() == expected.keys()]
        fits.sort(key=lambda f: sum(shapes(f.tensors[name]) != shape for name, shape in expected.items()))
    else:
        proposals = [(f, detect({name: shapes(t) for name, t in f.tensors.items()})) for f in ranked]
        fits = [f for f, found_for in proposals if any(p.exact for p in found_for)] or [
            f for f, found_for in proposals if found_for
        ]
    if fits:
        return fits
    return [max(ranked, key=lambda f: len(expected.keys() & f.tensors.keys()))] if ranked else []


def _dicts(value: object, way: tuple[str, ...], seen: set[int]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yield each dict of tensors once. A pickle can hold the same dict in thousands of places."""
    if not isinstance(value, Mapping) or id(value) in seen:
        return
    seen.add(id(value))
    if not all(isinstance(k, str) for k in value):
        return
    if value and all(_is_tensor(v) for v in value.values()):
        yield way, value
        return
    if len(way) < _DEEPEST:
        for key in WRAPPERS:
            if key in value:
                yield from _dicts(value[key], (*way, key), seen)


def _without_others(found: Found) -> Found | None:
    """Leave out losses, metrics and counters. None if there are none, or nothing else."""
    beside = tuple(name for name in found.tensors if BESIDE.fullmatch(name.partition(".")[0]))
    if not beside or len(beside) == len(found.tensors):
        return None
    return _moved(found, *_kept(found, {name: name for name in found.tensors.keys() - set(beside)}), more=beside)


def _without_prefix(found: Found) -> Found | None:
    """Remove the first part that all names share. None if there is no such part."""
    first, dot, _ = next(iter(found.tensors)).partition(".")
    prefix = first + dot
    if not dot or not all(name.startswith(prefix) and name != prefix for name in found.tensors):
        return None
    names = {name: name.removeprefix(prefix) for name in found.tensors}
    return replace(_moved(found, *_kept(found, names)), prefix=found.prefix + prefix)


def _without_steps(found: Found) -> Found | None:
    """Remove the parts that wrappers of single modules add to names.

    Return None if nothing changes or two names become the same.
    """
    names = {k: ".".join(step for step in k.split(".") if step not in ANYWHERE) for k in found.tensors}
    if all(old == new for old, new in names.items()) or len(set(names.values())) < len(names) or "" in names.values():
        return None
    return _moved(found, *_kept(found, names))


def _kept(found: Found, names: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    ordered = {old: names[old] for old in found.tensors if old in names}
    return {new: found.tensors[old] for old, new in ordered.items()}, ordered


def _moved(
    found: Found, tensors: dict[str, Any], names: dict[str, str], *, more: tuple[str, ...] = (), **other: Any
) -> Found:
    """Return tensors under other names, which `names` maps. Those in `more` are left out."""
    before = found.names or {name: name for name in found.tensors}
    skipped = set(more)
    left = [old for old, middle in before.items() if middle in skipped]
    whole = {old: names[middle] for old, middle in before.items() if middle in names}
    return replace(found, tensors=tensors, names=whole, left_out=(*found.left_out, *left), **other)


def _is_tensor(value: object) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "shape")
