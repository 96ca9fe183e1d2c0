"""Examination of a checkpoint in the sandbox: loads the weights strictly and runs the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.formats.declaration import sentence, undeclarable
from app.formats.declared import InvalidHyperparameters, UnknownArchitecture
from app.formats.mismatch import Mismatch
from app.formats.refusal import Refused
from worker.intake.onnx.decisions import hard_outputs
from worker.intake.rivals import compare
from worker.inversion.errors import (
    CheckpointMismatch,
    HardOutputs,
    InvalidConvention,
    UnusableTarget,
)
from worker.inversion.targets import InputConvention, examine_target, load_target


def examine(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Load the weights, examine the outputs, and return the engine's `Examination` as a dict.

    Raises: Refused.
    """
    path, num_classes = Path(input_path), int(request["num_classes"])
    try:
        convention = InputConvention.from_dict(request["convention"])
        target = load_target(path, request["architecture"], request["hyperparameters"], num_classes, convention)
        found = examine_target(target)
        same, other = compare(path, request, target)
    except (UnknownArchitecture, InvalidHyperparameters) as error:
        raise undeclarable(error) from None
    except InvalidConvention as error:
        raise Refused("invalid-convention", sentence(error)) from None
    except CheckpointMismatch as error:
        mismatch = Mismatch(error.missing, error.unexpected, error.shapes)
        raise mismatch.refusal(request["architecture"], num_classes) from None
    except HardOutputs as error:
        raise hard_outputs(str(error)) from None
    except UnusableTarget as error:
        raise Refused("unusable-model", sentence(error)) from None
    return {
        "outputs": found.outputs,
        "num_classes": found.num_classes,
        "feature_dim": found.feature_dim,
        "parameters": found.parameters,
        "multiply_adds": found.multiply_adds,
        "same": same,
        "other": other,
        "notes": list(found.notes),
    }
