"""Rules that map the names of one library to those of another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Part(NamedTuple):
    """The tensor is the part at `place` of a tensor `name` that is made of three."""

    name: str
    place: int


class Dropped:
    """What becomes of a tensor that is not needed."""


Target = str | Part | Dropped
Rule = tuple[str, str | Callable[[re.Match[str]], Target]]
"""A pattern for a whole name without its last part (`weight`, `bias`), and the new one.

`\\1` in the new one is a part of the pattern. A function can return a `Part` or `Dropped`.
"""
_LEAVES = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


@dataclass(frozen=True)
class Rules:
    """The rules of one layout.

    Attributes:
        signs: names of tensors of which one is in every file of the layout.
        rules: the first that matches is used.
        depths: for networks that count their blocks through: for each number of blocks, the
            numbers of blocks in each stage.
        blocks: pattern that finds the block's number in a name.
        after: changes a new name once more.
        changes: by the end of a new name: how to compute the tensor.
        added: new name: how to make it, from which of the others.
    """

    signs: tuple[str, ...]
    rules: tuple[Rule, ...]
    blocks: str = ""
    depths: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    after: Callable[[str], str] = str
    changes: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    added: Mapping[str, tuple[Callable[[Any], Any], str]] = field(default_factory=dict)

    def prepared(self, tensors: Mapping[str, Any]) -> Callable[[str], Target | None]:
        """Return a function from names in the file to new ones, or to None if there is no rule."""
        compiled = [(re.compile(pattern), new) for pattern, new in self.rules]
        staged = self._stages(tensors)
        if staged is None:
            return lambda _name: None

        def write(name: str) -> Target | None:
            stem, _, leaf = name.rpartition(".")
            whole, suffix = (stem, f".{leaf}") if leaf in _LEAVES and stem else (name, "")
            for pattern, new in compiled:
                if found := pattern.fullmatch(whole):
                    target = new(found) if callable(new) else found.expand(new)
                    target = _counted(target, staged)
                    return _ending(self.after(target) if isinstance(target, str) else target, suffix)
            return None

        return write

    def changed(self, new: str, tensor: Any) -> Any:
        """Return a tensor as the architecture has it."""
        return next((change(tensor) for end, change in self.changes.items() if new.endswith(end)), tensor)

    def _stages(self, tensors: Mapping[str, Any]) -> list[str] | None:
        """Return `stage.block` for each block: nothing without `depths`, None if none fits."""
        if not self.depths:
            return []
        found = {int(match[1]) for name in tensors if (match := re.match(self.blocks, name))}
        depths = self.depths.get(len(found))
        if depths is None or found != set(range(len(found))):
            return None
        return [f"{stage}.{block}" for stage, depth in enumerate(depths) for block in range(depth)]


def _counted(target: Target, staged: list[str]) -> Target:
    """Replace `{7}` by the stage and block of the seventh block."""
    if isinstance(target, str) and staged:
        return re.sub(r"\{(\d+)\}", lambda found: staged[int(found[1])], target)
    return target


def _ending(target: Target, suffix: str) -> Target:
    if isinstance(target, Part):
        return Part(target.name + suffix, target.place)
    return target + suffix if isinstance(target, str) else target


def part(new: str, place: int) -> Callable[[re.Match[str]], Target]:
    """Return a rule's function for one of three parts."""
    return lambda found: Part(found.expand(new), place)


def later(new: str, by: int = 1, group: int = 1) -> Callable[[re.Match[str]], Target]:
    """Return a rule's function that adds `by` to the number in a group, written as `{n}`."""
    return lambda found: found.expand(new.replace("{n}", str(int(found[group]) + by)))


def dropped(_found: re.Match[str]) -> Target:
    """Leave a tensor out."""
    return Dropped()
