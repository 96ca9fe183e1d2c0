"""Differences between weights and an architecture: missing, unexpected, or of another shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.formats.refusal import Refused, shown

_WRAPPERS = ("module.", "_orig_mod.", "model.", "state_dict.", "net.", "network.")
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Mismatch:
    """Names of missing and unexpected tensors. `shapes`: expected and found shape by name."""

    missing: Sequence[str]
    unexpected: Sequence[str]
    shapes: Mapping[str, tuple[Shape, Shape]]

    def refusal(self, architecture: str, num_classes: int) -> Refused:
        """Return the rejection, with a code of its own if only the number of classes differs."""
        errors: list[dict[str, Any]] = []
        for name, (expected, found) in self.shapes.items():
            detail = f"expected shape {list(expected)}, found {list(found)}"
            errors.append({"name": shown(name), "detail": detail, "expected": list(expected), "found": list(found)})
        errors += [{"name": shown(n), "detail": "expected, not in the file"} for n in self.missing]
        errors += [{"name": shown(n), "detail": "in the file, not in the architecture"} for n in self.unexpected]
        if (classes := self._other_class_count(num_classes)) is not None:
            return class_count(classes, num_classes, errors, self.shapes)
        counts = (
            f"{len(self.missing)} keys missing, {len(self.unexpected)} unexpected, {len(self.shapes)} of another shape"
        )
        return Refused(
            "checkpoint-mismatch", f"The weights do not fit {architecture}: {counts}. {self._hint()}", errors
        )

    def _other_class_count(self, num_classes: int) -> int | None:
        """Return the class count of the file if only the first dimension of the head differs."""
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
                    return f"Every key begins with {prefix!r}. Save the inner module, or remove the prefix."
        if self.shapes and all(e[:1] == f[:1] and e[1:] != f[1:] for e, f in self.shapes.values()):
            return "The input dimensions differ. Check the number of channels and the hyper-parameters."
        what = "The errors list what was expected and what was found."
        return f"Check the architecture's name and hyper-parameters. {what}"


def class_count(found: int, named: int, errors: Sequence[dict[str, Any]] = (), head: Iterable[str] = ()) -> Refused:
    """Return the rejection of weights whose number of classes differs from the release's.

    `head`: names of the tensors of the last layer, if known.
    """
    if found == 1:
        return single_output(_WEIGHTS.format(names=", ".join(repr(shown(n)) for n in sorted(head)) or "..."), errors)
    return Refused(
        "class-count",
        f"The checkpoint has {found} classes, but the release names {named}. Create the release with the"
        f" {found} names of the classes, in the order of the outputs.",
        errors,
    )


def single_output(recipe: str, errors: Sequence[dict[str, Any]] = ()) -> Refused:
    """Return the rejection of a network with one output."""
    return Refused(
        "single-output",
        "The network has a single output, the score of one class. An audit needs an output for each class. If the"
        " network separates two classes, replace the output z by two outputs (0, z), which give the same"
        " probabilities. Then create the release with two names. The first is the class with the low scores."
        f"\n{recipe}",
        errors,
    )


_WEIGHTS = """\
    import torch; from safetensors.torch import load_file, save_file
    state = load_file("model.safetensors")
    for name in [{names}]:
        state[name] = torch.cat([torch.zeros_like(state[name]), state[name]])
    save_file(state, "two-outputs.safetensors")"""
BEFORE_EXPORT = """\
Before the export, with the name of your last layer in place of `fc`:
    two = torch.nn.Linear(model.fc.in_features, 2)
    two.weight.data = torch.cat([torch.zeros_like(model.fc.weight), model.fc.weight]).detach()
    two.bias.data = torch.cat([torch.zeros_like(model.fc.bias), model.fc.bias]).detach()
    model.fc = two"""
