"""In the sandbox: does the file hold the weights of this architecture, and does the network work?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from worker.intake.mismatch import Mismatch
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
        mismatch = Mismatch(error.missing, error.unexpected, error.shapes)
        raise mismatch.refusal(request["architecture"], num_classes) from None
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
