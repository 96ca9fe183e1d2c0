"""Search for the weights in a checkpoint: unwraps dicts, removes prefixes, and records both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.formats.architectures import detect
from app.formats.limits import CheckpointLimits
from app.formats.refusal import Refused, shown

WRAPPERS = (
    *("state_dict", "model_state_dict", "model", "net", "network", "weights", "params"),
    *("state_dict_ema", "model_ema", "ema", "ema_state_dict", "params_ema", "module"),
)
PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.", "backbone.")
COUNTERS = frozenset({"n_averaged"})  # torch.optim.swa_utils.AveragedModel saves it with the weights
ANYWHERE = frozenset({"module", "_orig_mod"})
"""Parts that DistributedDataParallel and torch.compile add anywhere in the names of tensors."""
_DEEPEST = 3


@dataclass(frozen=True)
class Found:
    """Weights by their bare names, and where they were found in the file.

    `wrapper`: keys of the wrapping dicts. `left_out`: names of counters that were skipped. `names`
    maps names in the file to bare names where they differ.
    """

    tensors: Mapping[str, Any]
    wrapper: tuple[str, ...] = ()
    prefix: str = ""
    left_out: tuple[str, ...] = field(default=())
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def way(self) -> dict[str, Any]:
        """`source` of the release's examination."""
        return {
            "wrapper": list(self.wrapper),
            "prefix": self.prefix,
            "left_out": list(self.left_out),
            "key_map": dict(self.names),
        }


def candidates(loaded: object) -> Iterator[Found]:
    """Yield every dict of tensors inside known wrappers.

    Each is also yielded without its common prefix, and without the parts that wrappers of single
    modules add to names. `loaded`: a loaded checkpoint. Values with a `dtype` and a `shape` are
    tensors.
    """
    for wrapper, tensors in _dicts(loaded, ()):
        bare = Found(tensors, wrapper)
        yield bare
        while (shorter := _without_prefix(bare)) is not None:
            bare = shorter
            yield bare
        if (inner := _without_steps(bare)) is not None:
            yield inner


def no_state_dict() -> Refused:
    """Return the rejection of a file without weights."""
    return Refused(
        "no-state-dict",
        "The file has no dict of tensors under a known key. Save only the weights:"
        " safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
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
        f"The tensor {shown(name)!r} {what}. Save only the weights:"
        " safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
        [{"name": shown(name), "detail": what}],
    )


def best(found: Iterable[Found], expected: set[str], shapes: Callable[[Any], tuple[int, ...]]) -> list[Found]:
    """Return the dicts of tensors that fit best, in order. The list is empty if `found` is.

    With `expected`, the names of an architecture: those with exactly these names, or else the one
    that shares most of them. Without: those that a known architecture fits. Dicts are never
    merged.
    """
    ranked = list(found)
    if expected:
        fits = [f for f in ranked if f.tensors.keys() == expected]
    else:
        proposals = [(f, detect({name: shapes(t) for name, t in f.tensors.items()})) for f in ranked]
        fits = [f for f, found_for in proposals if any(p.exact for p in found_for)] or [
            f for f, found_for in proposals if found_for
        ]
    if fits:
        return fits
    return [max(ranked, key=lambda f: len(expected & f.tensors.keys()))] if ranked else []


def _dicts(value: object, way: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    if not isinstance(value, Mapping) or not all(isinstance(k, str) for k in value):
        return
    if value and all(_is_tensor(v) for v in value.values()):
        yield way, value
        return
    if len(way) < _DEEPEST:
        for key in WRAPPERS:
            if key in value:
                yield from _dicts(value[key], (*way, key))


def _without_prefix(found: Found) -> Found | None:
    for prefix in PREFIXES:
        names = {k: k.removeprefix(prefix) for k in found.tensors if k.startswith(prefix) and k != prefix}
        rest = tuple(k for k in found.tensors if k not in names)
        if names and set(rest) <= COUNTERS:
            return _renamed(found, names, found.prefix + prefix, rest)
    return None


def _without_steps(found: Found) -> Found | None:
    """Remove `module` and `_orig_mod` anywhere in the names.

    Return None if nothing changes or two names become the same.
    """
    names = {k: ".".join(step for step in k.split(".") if step not in ANYWHERE) for k in found.tensors}
    if all(old == new for old, new in names.items()) or len(set(names.values())) < len(names) or "" in names.values():
        return None
    return _renamed(found, names, found.prefix, ())


def _renamed(found: Found, names: dict[str, str], prefix: str, rest: tuple[str, ...]) -> Found:
    before = {bare: old for old, bare in found.names.items()}
    return Found(
        {new: found.tensors[old] for old, new in names.items()},
        found.wrapper,
        prefix,
        (*found.left_out, *rest),
        {before.get(old, old): new for old, new in names.items()},
    )


def _is_tensor(value: object) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "shape")
