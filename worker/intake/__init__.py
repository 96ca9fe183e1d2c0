"""Intake of uploaded checkpoints, data sets and verifiers. Every upload is treated as hostile.

The three functions are imported when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from app.formats.refusal import Refused

if TYPE_CHECKING:
    from worker.intake.dataset import DatasetIntake, take_in_dataset
    from worker.intake.release import ReleaseIntake, take_in_release
    from worker.intake.verifier import SandboxedVerifier, VerifierIntake, take_in_verifier

_HOMES = {
    "DatasetIntake": "dataset",
    "take_in_dataset": "dataset",
    "ReleaseIntake": "release",
    "take_in_release": "release",
    "SandboxedVerifier": "verifier",
    "VerifierIntake": "verifier",
    "take_in_verifier": "verifier",
}

__all__ = [
    "DatasetIntake",
    "Refused",
    "ReleaseIntake",
    "SandboxedVerifier",
    "VerifierIntake",
    "take_in_dataset",
    "take_in_release",
    "take_in_verifier",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
