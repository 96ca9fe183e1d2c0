"""Documents of accounts and sessions."""

from typing import Annotated, Literal

from pydantic import Field

from app.auth.passwords import LONGEST
from app.auth.schemas import Code, Password
from app.db.models import Method, Role
from app.kit.cursor import Page
from app.kit.ids import MembershipId, OrganisationId, PersonId, ProjectId, SessionId
from app.kit.listing import SORT, ListQuery, Newest
from app.kit.schema import Body, Document, Timestamp


class Person(Document):
    """An account."""

    id: PersonId
    email: str
    name: str
    second_factor: bool
    has_password: bool
    single_sign_on: bool = Field(description="Whether the account is linked to the identity provider.")
    disabled: bool
    created_at: Timestamp


class PersonQuery(ListQuery):
    """Parameters of a list of accounts."""

    sort: Annotated[
        Literal["-created_at", "created_at", "name", "-name", "email", "-email"], Field(description=SORT)
    ] = "-created_at"
    disabled: bool | None = Field(None, description="Only disabled accounts, or only the others.")


class PersonPage(Page[Person]):
    """Accounts, newest first."""


class OwnMembership(Document):
    """A membership of the caller."""

    id: MembershipId
    organisation_id: OrganisationId
    organisation_name: str
    project_id: ProjectId | None
    project_name: str | None = Field(description="Null for a membership in all projects.")
    role: Role


class Me(Person):
    """The account of the caller, with its memberships, oldest first."""

    memberships: list[OwnMembership]


class MembershipChoice(Body):
    """The membership that the session acts with."""

    membership_id: MembershipId


class PasswordChange(Body):
    """A new password. A session that was opened with a link needs no current one."""

    current: str | None = Field(None, max_length=LONGEST)
    new: Password


class SecondFactorBegin(Body):
    """The current password, and a code of the present second factor if there is one."""

    password: Annotated[str, Field(max_length=LONGEST)] | None = None
    code: Code | None = None


class SecondFactor(Document):
    """The secret of a new second factor. It counts once a code confirms it."""

    secret: str = Field(description="For typing into an authenticator app.")
    address: str = Field(description="The `otpauth://` address, for a QR code.")


class Confirmation(Body):
    """A code of the authenticator app."""

    code: Code


class OpenSession(Document):
    """A signed-in browser."""

    id: SessionId
    subject: str
    method: Method
    address: str | None
    created_at: Timestamp
    expires_at: Timestamp
    present: bool = Field(False, description="Whether it is the session of this request.")


class SessionQuery(Newest):
    """Parameters of a list of sessions."""

    everybody: bool = Field(False, description="All sessions of the organisation. Needs `members:write`.")
    method: Method | None = Field(None, description="Only sessions that were opened in this way.")


class SessionPage(Page[OpenSession]):
    """Sessions, newest first."""


class Recovery(Document):
    """A one-time link that signs a person in, to set a new password. It is shown only once."""

    link: str
    expires_at: Timestamp
