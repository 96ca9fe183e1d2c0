"""Find the weights in what a training script saved: unwrap dicts, cut prefixes, and keep a record of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

WRAPPERS = (
    *("state_dict", "model_state_dict", "model", "net", "network", "weights", "params"),
    *("state_dict_ema", "model_ema", "ema", "ema_state_dict", "params_ema", "module"),
)
PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.", "backbone.")
COUNTERS = frozenset({"n_averaged"})  # torch.optim.swa_utils.AveragedModel counts its steps beside the weights
_DEEPEST = 3


@dataclass(frozen=True)
class Found:
    """Weights by their bare names, and the way to them: keys of the wrapping dicts, the prefix, what was left out."""

    tensors: Mapping[str, Any]
    wrapper: tuple[str, ...] = ()
    prefix: str = ""
    left_out: tuple[str, ...] = field(default=())


def candidates(loaded: object) -> Iterator[Found]:
    """Every dict of tensors that can be reached through known wrappers, each also without its common prefix.

    `loaded` is what `torch.load` gave; values count as tensors when they have a `dtype` and a `shape`.
    """
    for wrapper, tensors in _dicts(loaded, ()):
        bare = Found(tensors, wrapper)
        yield bare
        while (shorter := _without_prefix(bare)) is not None:
            bare = shorter
            yield bare


def _dicts(value: object, way: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if not isinstance(value, dict) or not all(isinstance(k, str) for k in value):
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
        kept = {k.removeprefix(prefix): v for k, v in found.tensors.items() if k.startswith(prefix)}
        rest = tuple(k for k in found.tensors if not k.startswith(prefix))
        if kept and set(rest) <= COUNTERS:
            return Found(kept, found.wrapper, found.prefix + prefix, (*found.left_out, *rest))
    return None


def _is_tensor(value: object) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "shape")
