"""Documents of limits."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.kit.ids import ProjectId
from app.kit.schema import Body

Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
Amount = Annotated[int, Field(ge=0, le=2**53)]


class LimitsUpdate(Body):
    """Limits of a project. Null: the limit of the settings."""

    weight: Annotated[float, Field(gt=0, le=1000)] | None = Field(
        None, description="Share of the project when several wait for a worker."
    )
    running_jobs: Count | None = Field(None, description="Stages of audits that run at once.")
    running_checks: Count | None = Field(None, description="Checks of files, and imports, that run at once, each.")
    open_jobs: Count | None = Field(None, description="Jobs that wait, are queued or run.")
    stored_bytes: Amount | None = Field(None, description="Bytes of files, unfinished uploads included.")
    requests_per_minute: Count | None = Field(None, description="Requests to the API in a minute.")
    processor_seconds: Amount | None = Field(None, description="Seconds of workers in a month.")
    device_seconds: Amount | None = Field(None, description="Seconds of workers with a GPU in a month.")


class Limits(BaseModel):
    """The limits in force."""

    weight: float
    running_jobs: int
    running_checks: int
    open_jobs: int
    stored_bytes: int
    requests_per_minute: int
    processor_seconds: int | None = Field(description="Null: no limit.")
    device_seconds: int | None = Field(description="Null: no limit.")


class Used(BaseModel):
    """What the project uses now, or has used in this month."""

    running_jobs: int
    running_checks: int = Field(description="Checks of files and imports.")
    open_jobs: int
    stored_bytes: int
    processor_seconds: float
    device_seconds: float = Field(description="The part of these seconds on workers with a GPU.")


class ProjectLimits(BaseModel):
    """The limits of a project and what it uses of them."""

    project_id: ProjectId
    limits: Limits
    own: LimitsUpdate = Field(description="Limits of this project alone. Null: those of the settings apply.")
    used: Used
    set_by: str | None = Field(description="Who set limits of its own. Null: those of the settings apply.")
