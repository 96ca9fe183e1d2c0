"""Where a worker leaves a prior in training: its state, to go on from, and its newest samples, for the API to show."""

from uuid import UUID

TRAININGS = "trainings/"
"""What all states of priors in training lie under, and nothing else: retention lists them without the artifacts."""


def training_key(project_id: UUID, prior: str) -> str:
    """The object of the state of a prior in training, named by the prior's own key."""
    return f"{TRAININGS}{project_id}/{prior.removeprefix('sha256:')}"


def sheet_key(project_id: UUID, prior: str) -> str:
    """The object of the PNG sheet for a prior, named by its own key; each sheet replaces the one before."""
    return f"artifacts/{project_id}/prior-samples/{prior.removeprefix('sha256:')}"
