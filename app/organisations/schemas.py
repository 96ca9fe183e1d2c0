"""Documents of organisations, members and invitations."""

from typing import Annotated, Literal

from pydantic import Field

from app.auth.schemas import Email, Password
from app.db.models import Role
from app.kit.cursor import Page
from app.kit.ids import InvitationId, MembershipId, OrganisationId, PersonId, ProjectId
from app.kit.listing import SORT, ListQuery, Named, Newest
from app.kit.schema import Body, Document, Name, Timestamp


class OrganisationCreate(Body):
    """A new organisation."""

    name: Name


class Organisation(Document):
    """An organisation. It owns projects and has members."""

    id: OrganisationId
    name: str
    created_at: Timestamp


class OrganisationQuery(Named):
    """Parameters of a list of organisations."""


class OrganisationPage(Page[Organisation]):
    """Organisations, newest first."""


class Member(Document):
    """A membership: what a person may do in an organisation, or in one of its projects."""

    id: MembershipId
    organisation_id: OrganisationId
    project_id: ProjectId | None = Field(description="The project that the membership is limited to, if any.")
    person_id: PersonId
    email: str
    name: str
    role: Role
    second_factor: bool = Field(description="Whether the account has a second factor.")
    disabled: bool
    created_at: Timestamp


class MemberQuery(ListQuery):
    """Parameters of a list of members."""

    sort: Annotated[
        Literal["-created_at", "created_at", "name", "-name", "email", "-email"], Field(description=SORT)
    ] = "-created_at"
    role: Role | None = Field(None, description="Only members with this role.")


class MemberPage(Page[Member]):
    """Members, newest first."""


class MemberChange(Body):
    """Another role."""

    role: Role


class InvitationCreate(Body):
    """An invitation for an e-mail address."""

    email: Email
    role: Role
    project_id: ProjectId | None = Field(None, description="Limits the membership to one project.")
    expires_in_days: Annotated[int, Field(ge=1, le=30)] = 7


class Invitation(Document):
    """An invitation."""

    id: InvitationId
    organisation_id: OrganisationId
    project_id: ProjectId | None
    email: str
    role: Role
    invited_by: str
    created_at: Timestamp
    expires_at: Timestamp
    accepted_at: Timestamp | None
    revoked_at: Timestamp | None
    mailed_at: Timestamp | None = Field(description="When the mail server accepted the message with the link.")
    mail_problem: str | None = Field(description="Why the last attempt to send it by e-mail failed.")
    mail_attempts: int = Field(description="Attempts to send it by e-mail.")
    mail_next_at: Timestamp | None = Field(description="When it is sent by e-mail, or sent again, if it waits.")


class NewInvitation(Invitation):
    """An invitation with its link, which is shown only once."""

    link: str = Field(description="Address at which the invited person accepts. Send it to that person only.")
    mailed: bool = Field(
        description="Whether the link waits to be sent by e-mail. `mailed_at`, `mail_problem` and `mail_next_at` of "
        "the invitation say later what came of it."
    )


class InvitationQuery(Newest):
    """Parameters of a list of invitations."""

    role: Role | None = Field(None, description="Only invitations to this role.")


class InvitationPage(Page[Invitation]):
    """Invitations, newest first."""


class InvitationAccept(Body):
    """The token of an invitation, with a name and password for a new account.

    Whoever has an account with this address signs in first and sends the token only.
    """

    token: Annotated[str, Field(max_length=200)]
    name: Name | None = None
    password: Password | None = None
