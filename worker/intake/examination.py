"""In the sandbox: does the file hold the weights of this architecture, and does the network work?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from worker.intake.refusal import Refused, shown
from worker.intake.rivals import compare
from worker.inversion.errors import (
    CheckpointMismatch,
    InvalidConvention,
    InvalidHyperparameters,
    UnknownArchitecture,
    UnusableTarget,
)
from worker.inversion.targets import InputConvention, examine_target, load_target

_WRAPPERS = ("module.", "_orig_mod.", "model.", "state_dict.", "net.", "network.")


def examine(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Load strictly and look at the outputs; the answer is the engine's `Examination` as a dict.

    Raises: Refused.
    """
    path, num_classes = Path(input_path), int(request["num_classes"])
    try:
        convention = InputConvention.from_dict(request["convention"])
        target = load_target(path, request["architecture"], request["hyperparameters"], num_classes, convention)
        found = examine_target(target)
        same, other = compare(path, request, target)
    except UnknownArchitecture as error:
        raise Refused("unknown-architecture", _sentence(error), _near(error)) from None
    except InvalidHyperparameters as error:
        raise Refused("invalid-hyperparameters", _sentence(error)) from None
    except InvalidConvention as error:
        raise Refused("invalid-convention", _sentence(error)) from None
    except CheckpointMismatch as error:
        raise _mismatch(error, request["architecture"], num_classes) from None
    except UnusableTarget as error:
        raise Refused("unusable-model", _sentence(error)) from None
    return {
        "outputs": found.outputs,
        "num_classes": found.num_classes,
        "feature_dim": found.feature_dim,
        "parameters": found.parameters,
        "same": same,
        "other": other,
        "notes": list(found.notes),
    }


def _near(error: UnknownArchitecture) -> list[dict[str, Any]]:
    return [{"name": name, "detail": "is a known architecture of a similar name"} for name in error.nearest]


def _sentence(error: Exception) -> str:
    text = shown(error, 2000)
    return f"{text[:1].upper()}{text[1:]}."


def _mismatch(error: CheckpointMismatch, architecture: str, num_classes: int) -> Refused:
    errors: list[dict[str, Any]] = []
    for name, (expected, found) in error.shapes.items():
        errors.append(
            {
                "name": shown(name),
                "detail": f"expected shape {list(expected)}, found {list(found)}",
                "expected": list(expected),
                "found": list(found),
            }
        )
    errors += [{"name": shown(n), "detail": "expected, not in the file"} for n in error.missing]
    errors += [{"name": shown(n), "detail": "in the file, not in the architecture"} for n in error.unexpected]
    if (classes := _other_class_count(error, num_classes)) is not None:
        return Refused(
            "class-count",
            f"The checkpoint has {classes} classes, the release names {num_classes}. Create the release with the"
            f" {classes} names of the classes, in the order of the outputs.",
            errors,
        )
    counts = (
        f"{len(error.missing)} keys missing, {len(error.unexpected)} unexpected, {len(error.shapes)} of another shape"
    )
    return Refused(
        "checkpoint-mismatch", f"The weights are not those of {architecture}: {counts}. {_hint(error)}", errors
    )


def _other_class_count(error: CheckpointMismatch, num_classes: int) -> int | None:
    """The class count of the file, when nothing but the first dimension of the last layer differs."""
    if error.missing or error.unexpected or not error.shapes:
        return None
    if any(len(e) != len(f) or e[0] != num_classes or e[1:] != f[1:] for e, f in error.shapes.values()):
        return None
    counts = {found[0] for _, found in error.shapes.values()}
    return counts.pop() if len(counts) == 1 else None


def _hint(error: CheckpointMismatch) -> str:
    for prefix in _WRAPPERS:
        if error.unexpected and all(k.startswith(prefix) for k in error.unexpected):
            bare = {k.removeprefix(prefix) for k in error.unexpected}
            if bare & set(error.missing):
                return f"Every key begins with {prefix!r}: save the inner module, or cut the prefix off the keys."
    if error.shapes and all(e[:1] == f[:1] and e[1:] != f[1:] for e, f in error.shapes.values()):
        return "The shapes differ in their input side: check the number of channels and the hyper-parameters."
    return "Check the architecture's name and hyper-parameters; the findings list what was expected and what was found."
