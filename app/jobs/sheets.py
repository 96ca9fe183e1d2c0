"""Where a worker leaves the newest samples of a prior in training, for the API to show."""

from uuid import UUID

TRAINING = "prior-training"
"""The kind of artifact that holds the state of a prior in training."""


def sheet_key(project_id: UUID, prior: str) -> str:
    """The object of the PNG sheet for a prior, named by its own key; each sheet replaces the one before."""
    return f"artifacts/{project_id}/prior-samples/{prior.removeprefix('sha256:')}"
