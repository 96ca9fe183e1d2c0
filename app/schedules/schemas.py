"""Documents of schedules and their runs."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from app.audits.schemas import AuditChoices, Rights
from app.db.models import CatchUp, SkipReason, Trigger
from app.db.states import RunState
from app.kit.cursor import Page
from app.kit.ids import AuditId, ProjectId, ReleaseId, ScheduleId, ScheduleRunId, TargetId
from app.kit.listing import SORT, ListQuery
from app.kit.problems import Problem
from app.kit.schema import Body, Document, Json, Name, Timestamp

Cron = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    Field(
        description="Five fields: minute, hour, day of the month, month, day of the week. `L`, `LW` and `MON#2` are "
        "supported.",
        examples=["0 3 * * *", "30 6 * * MON"],
    ),
]
Zone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    Field(description="IANA time zone, such as `Europe/Berlin`.", examples=["Europe/Berlin"]),
]
Jitter = Annotated[
    int,
    Field(
        ge=0,
        le=86_400,
        description="Delays all runs of the schedule by a fixed number of seconds, below this number, to spread "
        "schedules with the same due time.",
    ),
]
RepeatAfter = Annotated[
    int | None,
    Field(
        ge=1,
        le=3650,
        description="Days for which the verdict on an unchanged release counts. Until then its runs are skipped. "
        "Null: an unchanged release is never audited again.",
    ),
]


class ScheduledAudit(AuditChoices):
    """A request for an audit of the target's newest ready release.

    The declaration of rights applies to every audit that the schedule starts.
    """

    rights: Rights

    @model_validator(mode="after")
    def _no_fixed_twin(self) -> Self:
        if self.twin_release_id is not None:
            raise ValueError(
                "`twin_release_id` must be left out or null, because a twin belongs to one release. Left out: the "
                "newest ready twin of the release that is audited"
            )
        return self

    def stored(self) -> dict[str, Any]:
        """Return the fields that were given. A field that was left out differs from null."""
        return self.model_dump(mode="json", exclude_unset=True)


class ScheduleCreate(Body):
    """When to audit a target, and how."""

    name: Name
    target_id: TargetId
    cron: Cron
    timezone: Zone = "UTC"
    audit: ScheduledAudit
    catch_up: CatchUp = Field(
        CatchUp.ONCE,
        description="For due times that passed while the service was down. `once`: one run for all of them. `none`: "
        "they are skipped.",
    )
    jitter_seconds: Jitter = 0
    repeat_after_days: RepeatAfter = 30
    active: bool = Field(True, description="False: the schedule is created paused.")


class ScheduleUpdate(Body):
    """Fields to change. The others keep their value."""

    name: Name | None = None
    cron: Cron | None = None
    timezone: Zone | None = None
    audit: ScheduledAudit | None = None
    catch_up: CatchUp | None = None
    jitter_seconds: Jitter | None = None
    repeat_after_days: RepeatAfter = None

    @model_validator(mode="after")
    def _only_null_where_it_means_something(self) -> Self:
        for name in self.model_fields_set - {"repeat_after_days"}:
            if getattr(self, name) is None:
                raise ValueError(f"`{name}` must not be null: leave it out to keep its value")
        return self


class Schedule(Document):
    """A schedule."""

    id: ScheduleId
    project_id: ProjectId
    target_id: TargetId
    name: str
    cron: str
    reads: str = Field(description="The cron expression in words.")
    timezone: str
    audit: Json = Field(description="The request for an audit, as it was given.")
    catch_up: CatchUp
    jitter_seconds: int
    delay_seconds: int = Field(description="Delay of its runs that results from `jitter_seconds`.")
    repeat_after_days: int | None
    active: bool = Field(description="False while it is paused.")
    next_at: Timestamp | None = Field(description="When the next run starts, delay included. Null while paused.")
    last_due_at: Timestamp | None
    failures: int = Field(description="Failed runs since the last one that succeeded.")
    problem: Problem | None = Field(description="Why the service paused it.")
    created_by: str = Field(description="The person or API key that created it.")
    created_at: Timestamp


class ScheduleQuery(ListQuery):
    """Parameters of a list of schedules."""

    sort: Annotated[
        Literal["-created_at", "created_at", "name", "-name", "next_at", "-next_at"], Field(description=SORT)
    ] = "-created_at"
    target_id: TargetId | None = Field(None, description="Only schedules of this target.")
    active: bool | None = Field(None, description="Only active schedules, or only paused ones.")


class SchedulePage(Page[Schedule]):
    """Schedules, newest first."""


class ScheduleRun(Document):
    """A run of a schedule: an audit, or the reason why none was started."""

    id: ScheduleRunId
    schedule_id: ScheduleId
    due_at: Timestamp
    trigger: Trigger
    missed: int = Field(description="Earlier due times that this run stands for, counted up to 1,000.")
    state: RunState
    reason: SkipReason | None = Field(
        description="Why it was skipped. `unchanged`: same release, plan and engine, and the verdict still counts. "
        "`overlap`: an audit of the same kind is still running. `quota`: the project has too many scheduled audits "
        "running. `missed`: the service was down. `no_release`: no release is ready."
    )
    detail: str | None = Field(description="The reason in a sentence.")
    problem: Problem | None
    release_id: ReleaseId | None
    audit_id: AuditId | None
    created_at: Timestamp
    finished_at: Timestamp | None


class ScheduleRunPage(Page[ScheduleRun]):
    """Runs of a schedule, latest due time first."""


class PreviewRequest(Body):
    """A cron expression to try out."""

    cron: Cron
    timezone: Zone = "UTC"


class DueTime(Document):
    """A due time, without delay."""

    local: AwareDatetime = Field(description="In the schedule's time zone.")
    utc: Timestamp


class Preview(Document):
    """The next due times of a schedule."""

    cron: str
    reads: str = Field(description="The cron expression in words.")
    timezone: str
    times: list[DueTime]


def due_time(moment: datetime, local: datetime) -> DueTime:
    """Return a due time in UTC and in local time."""
    return DueTime(local=local, utc=moment)
