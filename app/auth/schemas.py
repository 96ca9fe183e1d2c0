"""Documents of sessions, keys and the audit log."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from app.auth.passwords import LONGEST, SHORTEST
from app.auth.scopes import Scope
from app.auth.subject import Kind
from app.db.models.person import LONGEST_EMAIL
from app.kit.cursor import Page
from app.kit.ids import KeyId, OrganisationId, PersonId, ProjectId
from app.kit.listing import SORT, ListQuery
from app.kit.schema import Body, Document, Json, Name, Timestamp

EMAIL = r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$"
Email = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=LONGEST_EMAIL, pattern=EMAIL)]
Password = Annotated[str, StringConstraints(min_length=SHORTEST, max_length=LONGEST)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class SignIn(Body):
    """An e-mail address and a password, an API key, or a one-time token."""

    token: str | None = Field(None, max_length=200, description="Token of a one-time sign-in link.")
    api_key: str | None = Field(None, max_length=200, description="The session has the project and scopes of the key.")

    email: Email | None = None
    password: str | None = Field(None, max_length=LONGEST)
    code: Code | None = Field(None, description="Code of the authenticator app, for accounts with a second factor.")

    @model_validator(mode="after")
    def _one_way(self) -> "SignIn":
        if [self.token, self.api_key, self.email].count(None) != 2:
            raise ValueError("send one of token, api_key and email")
        if (self.email is None) != (self.password is None) or (self.code is not None and self.email is None):
            raise ValueError("send password, and code if there is one, with email")
        return self


class Session(Document):
    """The signed-in subject."""

    subject: str = Field(
        description="The actor in the audit log: `person:<e-mail>`, `key:<name>` for the key of a machine, or "
        "`operator` after a sign-in link of the operator."
    )
    kind: Kind
    scopes: list[Scope]
    organisation_id: OrganisationId | None = Field(description="Null for the operator.")
    project_id: ProjectId | None = Field(description="The project that the key or membership is limited to, if any.")
    person_id: PersonId | None


KEY_DAYS = 90
KeyOrder = Literal[
    "-created_at", "created_at", "name", "-name", "-last_used_at", "last_used_at", "expires_at", "-expires_at"
]


class KeyCreate(Body):
    """A key for scripts and pipelines."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1)]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        None,
        description=f"Default: {KEY_DAYS}, or until the key that makes this one expires. A key cannot make one that "
        "lasts longer than itself.",
    )


class Key(Document):
    """An API key without its secret."""

    id: KeyId
    organisation_id: OrganisationId | None = Field(description="Null for a key of the operator.")
    project_id: ProjectId | None = Field(description="The project that the key is limited to, if any.")
    person_id: PersonId | None = Field(description="Whose key it is. Null for the key of a machine.")
    parent_id: KeyId | None = Field(description="The key that made it, if any.")
    created_by: str | None
    name: str
    last4: str
    scopes: list[Scope]
    created_at: Timestamp
    expires_at: Timestamp | None
    revoked_at: Timestamp | None
    last_used_at: Timestamp | None


class NewKey(Key):
    """An API key with its secret, which is shown only once."""

    key: str


class KeyQuery(ListQuery):
    """Parameters of a list of keys."""

    sort: Annotated[KeyOrder, Field(description=SORT)] = "-created_at"
    revoked: bool | None = Field(None, description="Only keys that were revoked, or only the others.")


class KeyPage(Page[Key]):
    """Keys, newest first."""


class LogEntry(Document):
    """An action with its actor, time and address."""

    seq: int
    at: Timestamp
    actor: str = Field(
        description="`person:<e-mail>`, `key:<name>` for the key of a machine, `operator` for a sign-in link of the "
        "operator, `schedule:<name>`, `source:<name>`, or `worker: <node>` for a stage of an audit."
    )
    actor_kind: Kind | None = Field(description="Null in entries of older versions.")
    person_id: PersonId | None
    key_id: KeyId | None = Field(description="The API key that was used, or that opened the session.")
    action: str
    subject: str = Field(description="Id of the resource.")
    details: Json = Field(description="Texts such as `declared_by` and `purpose` are stored as sent, unchecked.")
    request_id: str | None
    address: str | None = Field(description="Address of the client. Null for a worker.")
    previous_hash: str
    hash: str


class LogQuery(ListQuery):
    """Parameters of an audit log. Its entries are in the order of `seq`."""

    sort: Annotated[Literal["-seq", "seq"], Field(description=SORT)] = "-seq"
    actor: str | None = Field(None, max_length=200, description="The whole name of an actor.")
    actor_kind: Kind | None = Field(None, description="Only entries of actors of this kind.")
    action: list[Annotated[str, Field(max_length=60)]] = Field(
        [], max_length=20, description="Only these actions, such as `audit.created`, or all of a noun, such as `audit.`"
    )
    subject: str | None = Field(None, max_length=200, description="The id of the subject.")
    since: datetime | None = Field(None, description="Only entries from this moment on.")
    until: datetime | None = Field(None, description="Only entries before this moment.")


class LogPage(Page[LogEntry]):
    """Entries, newest first."""


class LogVerification(Document):
    """The result of verifying the chain."""

    intact: bool
    entries: int
    first_broken: int | None = Field(description="`seq` of the first entry that does not follow from its predecessor.")
    checked_at: datetime
