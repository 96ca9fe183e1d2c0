"""Documents of sources, their changes and incoming webhooks."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from app.db.models import SourceKind
from app.kit.cursor import Page
from app.kit.ids import AuditId, ProjectId, ReleaseId, ScheduleId, ScheduleRunId, SourceChangeId, SourceId, TargetId
from app.kit.listing import Named
from app.kit.problems import Problem
from app.kit.schema import Body, Document, Json, Name, Timestamp
from app.releases.schemas import ReleaseCreate
from app.sources import addresses

Seconds = Annotated[int, Field(ge=60, le=86_400, description="Seconds between two checks.")]
Alias = Annotated[
    str | None,
    StringConstraints(pattern=r"^[\w.-]{1,100}$"),
    Field(description="Alias that MLflow gives to a version whose verdict is PASS. Null: none."),
]


class ReleaseOfSource(ReleaseCreate):
    """The description of a source's releases. Their version is the revision."""

    version: Annotated[str, StringConstraints(max_length=0)] = ""

    @model_validator(mode="after")
    def _of_no_single_file(self) -> Self:
        if self.twin_of is not None or self.sha256 is not None or self.size_bytes is not None:
            raise ValueError("`twin_of`, `sha256` and `size_bytes` belong to one file and must be left out")
        return self

    def stored(self) -> dict[str, Any]:
        """Return the fields that were given."""
        return self.model_dump(mode="json", exclude_unset=True, exclude={"version"})


class SourceCreate(Body):
    """An address to watch, and what to do with a new file."""

    name: Name
    target_id: TargetId
    address: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=1000),
        Field(
            description="`https://host/file`, `s3://bucket/prefix/`, `hf://owner/name@branch/file`, "
            "`models:/name@alias`, `models:/name/Stage` or `models:/name`.",
            examples=["models:/badge-reader@candidate", "hf://acme/badge-reader@main/model.safetensors"],
        ),
    ]
    release: ReleaseOfSource
    schedule_id: ScheduleId | None = Field(
        None, description="Schedule of the target whose audit is started for a new release. Null: none is started."
    )
    check_seconds: Seconds = 300
    write_back: bool = Field(
        False, description="Write the result to MLflow as tags of the model version: `exhume.verdict` and others."
    )
    pass_alias: Alias = None

    @model_validator(mode="after")
    def _only_mlflow_is_written_to(self) -> Self:
        if (self.write_back or self.pass_alias) and not self.address.startswith("models:/"):
            raise ValueError("`write_back` and `pass_alias` are for models:/ addresses")
        return self

    def watched(self) -> addresses.Watched:
        """Return the parsed address."""
        return addresses.parse(self.address)


class SourceUpdate(Body):
    """Fields to change. The others keep their value."""

    name: Name | None = None
    schedule_id: ScheduleId | None = None
    check_seconds: Seconds | None = None
    write_back: bool | None = None
    pass_alias: Alias = None
    active: bool | None = Field(None, description="False: it is not watched.")

    @model_validator(mode="after")
    def _only_null_where_it_means_something(self) -> Self:
        for name in self.model_fields_set - {"schedule_id", "pass_alias"}:
            if getattr(self, name) is None:
                raise ValueError(f"`{name}` must not be null: leave it out to keep its value")
        return self


class Source(Document):
    """A watched address."""

    id: SourceId
    project_id: ProjectId
    target_id: TargetId
    schedule_id: ScheduleId | None
    name: str
    kind: SourceKind
    address: str
    release: Json = Field(description="The description of its releases, as it was given.")
    check_seconds: int
    write_back: bool
    pass_alias: str | None
    active: bool
    seen: str | None = Field(description="The revision that was found last: an ETag, a commit or a version.")
    checked_at: Timestamp | None
    next_check_at: Timestamp
    errors: int = Field(description="Checks that failed since the last one that succeeded.")
    problem: Problem | None = Field(description="Why the last check failed.")
    created_by: str
    created_at: Timestamp


class NewSource(Source):
    """A new source, with the secret of its incoming webhooks."""

    webhook_path: str = Field(description="Path of this service that MLflow or the hub should call.")
    webhook_secret: str = Field(description="Secret to enter there. Shown only in this response.")


class SourceQuery(Named):
    """Parameters of a list of sources."""

    target_id: TargetId | None = Field(None, description="Only sources of this target.")
    kind: SourceKind | None = Field(None, description="Only sources of this kind.")
    active: bool | None = Field(None, description="Only active sources, or only paused ones.")


class SourcePage(Page[Source]):
    """Sources, newest first."""


class SourceChange(Document):
    """A revision of a source, and what came of it."""

    id: SourceChangeId
    source_id: SourceId
    revision: str
    release_id: ReleaseId | None
    run_id: ScheduleRunId | None = Field(description="The run of the schedule that it started.")
    audit_id: AuditId | None = Field(description="The audit whose result was written back.")
    problem: Problem | None
    next_at: Timestamp | None = Field(description="When it is looked at again. Null when nothing is left to do.")
    written_at: Timestamp | None = Field(description="When the result was written to MLflow.")
    created_at: Timestamp


class SourceChangePage(Page[SourceChange]):
    """Changes of a source, newest first."""


class Accepted(Document):
    """The answer to an incoming webhook."""

    accepted: bool = Field(description="False for a repetition, and for an event that is of no interest.")
