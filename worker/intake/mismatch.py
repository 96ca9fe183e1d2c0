"""Weights that are not those of the architecture: which are missing, which are too many, which have another shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker.intake.refusal import Refused, shown

_WRAPPERS = ("module.", "_orig_mod.", "model.", "state_dict.", "net.", "network.")
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Mismatch:
    """`shapes`: by name, the expected and the found one."""

    missing: Sequence[str]
    unexpected: Sequence[str]
    shapes: Mapping[str, tuple[Shape, Shape]]

    def refusal(self, architecture: str, num_classes: int) -> Refused:
        """What to tell: another number of classes alone is told as such."""
        errors: list[dict[str, Any]] = []
        for name, (expected, found) in self.shapes.items():
            detail = f"expected shape {list(expected)}, found {list(found)}"
            errors.append({"name": shown(name), "detail": detail, "expected": list(expected), "found": list(found)})
        errors += [{"name": shown(n), "detail": "expected, not in the file"} for n in self.missing]
        errors += [{"name": shown(n), "detail": "in the file, not in the architecture"} for n in self.unexpected]
        if (classes := self._other_class_count(num_classes)) is not None:
            return class_count(classes, num_classes, errors)
        counts = (
            f"{len(self.missing)} keys missing, {len(self.unexpected)} unexpected, {len(self.shapes)} of another shape"
        )
        return Refused(
            "checkpoint-mismatch", f"The weights are not those of {architecture}: {counts}. {self._hint()}", errors
        )

    def _other_class_count(self, num_classes: int) -> int | None:
        """The class count of the file, when nothing but the first dimension of the last layer differs."""
        if self.missing or self.unexpected or not self.shapes:
            return None
        if any(len(e) != len(f) or e[0] != num_classes or e[1:] != f[1:] for e, f in self.shapes.values()):
            return None
        counts = {found[0] for _, found in self.shapes.values()}
        return counts.pop() if len(counts) == 1 else None

    def _hint(self) -> str:
        for prefix in _WRAPPERS:
            if self.unexpected and all(k.startswith(prefix) for k in self.unexpected):
                bare = {k.removeprefix(prefix) for k in self.unexpected}
                if bare & set(self.missing):
                    return f"Every key begins with {prefix!r}: save the inner module, or cut the prefix off the keys."
        if self.shapes and all(e[:1] == f[:1] and e[1:] != f[1:] for e, f in self.shapes.values()):
            return "The shapes differ in their input side: check the number of channels and the hyper-parameters."
        what = "the findings list what was expected and what was found."
        return f"Check the architecture's name and hyper-parameters; {what}"


def class_count(found: int, named: int, errors: Sequence[dict[str, Any]] = ()) -> Refused:
    """The refusal of weights with another number of classes than the release names."""
    return Refused(
        "class-count",
        f"The checkpoint has {found} classes, the release names {named}. Create the release with the"
        f" {found} names of the classes, in the order of the outputs.",
        errors,
    )
