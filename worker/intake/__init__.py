"""Taking in what users upload: hostile until proven otherwise. Three doors, and one way to be turned away."""

from worker.intake.dataset import DatasetIntake, take_in_dataset
from worker.intake.refusal import Refused
from worker.intake.release import ReleaseIntake, take_in_release
from worker.intake.verifier import SandboxedVerifier, VerifierIntake, take_in_verifier

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
