"""Find the weights in what a training script saved: unwrap dicts, cut prefixes, and keep a record of both."""

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
COUNTERS = frozenset({"n_averaged"})  # torch.optim.swa_utils.AveragedModel counts its steps beside the weights
ANYWHERE = frozenset({"module", "_orig_mod"})
"""Steps that DistributedDataParallel and torch.compile add to names, also in their middle."""
_DEEPEST = 3


@dataclass(frozen=True)
class Found:
    """Weights by their bare names, and the way to them: keys of the wrapping dicts, the prefix, what was left out.

    `names` maps the names in the file to the bare ones, where they differ.
    """

    tensors: Mapping[str, Any]
    wrapper: tuple[str, ...] = ()
    prefix: str = ""
    left_out: tuple[str, ...] = field(default=())
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def way(self) -> dict[str, Any]:
        """For the release's examination."""
        return {
            "wrapper": list(self.wrapper),
            "prefix": self.prefix,
            "left_out": list(self.left_out),
            "key_map": dict(self.names),
        }


def candidates(loaded: object) -> Iterator[Found]:
    """Every dict of tensors that can be reached through known wrappers, each also without its common prefix, and
    without the steps that wrappers around parts of the network left in its names.

    `loaded` is what `torch.load` gave; values count as tensors when they have a `dtype` and a `shape`.
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
    """The refusal of a file without weights."""
    return Refused(
        "no-state-dict",
        "The file holds no dict of tensors under a known name. Save the weights alone:"
        " safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
    )


def check_parameters(numbers: int, limits: CheckpointLimits) -> None:
    """Bound the memory that the weights will take.

    Raises: Refused (too-many-parameters).
    """
    if numbers > limits.parameters:
        raise Refused(
            "too-many-parameters",
            f"The checkpoint holds {numbers:,} numbers, at most {limits.parameters:,} are taken."
            " Upload weights only, without optimiser states.",
        )


def tensor_layout(name: str, what: str) -> Refused:
    """The refusal of a tensor that is not what it seems."""
    return Refused(
        "tensor-layout",
        f"The tensor {shown(name)!r} {what}. Save the weights alone:"
        " safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
        [{"name": shown(name), "detail": what}],
    )


def best(found: Iterable[Found], expected: set[str], shapes: Callable[[Any], tuple[int, ...]]) -> list[Found]:
    """The dict whose names are the architecture's (`expected`), else the one that shares most of them; without an
    architecture the first whose names and shapes are those of a known one. Then every other that fits as well.

    Never a mixture; the list is empty when `found` is.
    """
    ranked = list(found)
    if expected:
        fits = [f for f in ranked if f.tensors.keys() == expected]
    else:
        proposals = [(f, detect({name: shapes(t) for name, t in f.tensors.items()})) for f in ranked]
        fits = [f for f, told in proposals if any(p.exact for p in told)] or [f for f, told in proposals if told]
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
    """Without `module` and `_orig_mod` wherever they stand; None when nothing changes or two names become one."""
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
