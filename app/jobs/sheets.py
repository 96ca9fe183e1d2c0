"""Object keys of a prior in training: its state to resume from and its newest samples."""

from uuid import UUID

TRAININGS = "trainings/"
"""Prefix of the states of priors in training alone, so that retention can list them."""


def training_key(project_id: UUID, prior: str) -> str:
    """Return the key of the state of a prior in training, named after the prior's key."""
    return f"{TRAININGS}{project_id}/{prior.removeprefix('sha256:')}"


def sheet_key(project_id: UUID, prior: str) -> str:
    """Return the key of a prior's PNG sheet, named after the prior's key.

    A new sheet replaces the old.
    """
    return f"artifacts/{project_id}/prior-samples/{prior.removeprefix('sha256:')}"
