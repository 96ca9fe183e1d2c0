"""Intake of uploaded checkpoints, data sets and verifiers. Every upload is treated as hostile.

The three functions are imported when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from app.formats.refusal import Refused

if TYPE_CHECKING:
    from worker.intake.dataset import DatasetIntake, check_dataset_file
    from worker.intake.release import ReleaseIntake, check_release_file
    from worker.intake.sandboxed_verifier import SandboxedVerifier
    from worker.intake.verifier import VerifierIntake, check_verifier_file

_HOMES = {
    "DatasetIntake": "dataset",
    "check_dataset_file": "dataset",
    "ReleaseIntake": "release",
    "check_release_file": "release",
    "SandboxedVerifier": "sandboxed_verifier",
    "VerifierIntake": "verifier",
    "check_verifier_file": "verifier",
}

__all__ = [
    "DatasetIntake",
    "Refused",
    "ReleaseIntake",
    "SandboxedVerifier",
    "VerifierIntake",
    "check_dataset_file",
    "check_release_file",
    "check_verifier_file",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
