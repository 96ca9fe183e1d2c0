"""Documents of sessions, keys and the audit log."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, model_validator

from app.auth.scopes import Scope
from app.kit.cursor import Page
from app.kit.ids import KeyId, ProjectId
from app.kit.schema import Body, Document, Json, Name, Timestamp


class SignIn(Body):
    """One of the two."""

    token: str | None = Field(None, max_length=200, description="From a one-time sign-in link.")
    api_key: str | None = Field(None, max_length=200, description="The session gets the key's project and scopes.")

    @model_validator(mode="after")
    def _one_of_two(self) -> "SignIn":
        if (self.token is None) == (self.api_key is None):
            raise ValueError("send either token or api_key")
        return self


class Session(Document):
    """Who is signed in."""

    subject: str = Field(description="The actor in the audit log: `key:<name>`, or `administrator` after a link.")
    scopes: list[Scope]
    project_id: ProjectId | None = Field(description="null for an administrator.")


class KeyCreate(Body):
    """A key for scripts and pipelines."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1)]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] = 90


class Key(Document):
    """A key without its text."""

    id: KeyId
    project_id: ProjectId | None
    name: str
    last4: str
    scopes: list[Scope]
    created_at: Timestamp
    expires_at: Timestamp | None
    revoked_at: Timestamp | None
    last_used_at: Timestamp | None


class NewKey(Key):
    """A key with its text, which is shown this once."""

    key: str


class KeyPage(Page[Key]):
    """Keys, newest first."""


class LogEntry(Document):
    """Who did what, when and from where."""

    seq: int
    at: Timestamp
    actor: str = Field(
        description="The name of what acted, not of a person: `key:<name>` for an API key and for a session that was "
        "opened with it, `administrator` for a session that was opened with a sign-in link, `worker: <node>` for a "
        "stage of an audit."
    )
    action: str
    subject: str = Field(description="Id of what was acted on.")
    details: Json = Field(description="Texts such as `declared_by` and `purpose` are kept as sent; nobody checks them.")
    request_id: str | None
    address: str | None = Field(description="Where the connection came from; null for a worker.")
    previous_hash: str
    hash: str


class LogPage(Page[LogEntry]):
    """Entries, newest first."""


class LogVerification(Document):
    """Whether every entry follows from the one before."""

    intact: bool
    entries: int
    first_broken: int | None = Field(description="`seq` of the first entry that does not fit.")
    checked_at: datetime
