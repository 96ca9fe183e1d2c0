"""Organisations, their members, invitations, keys and audit log."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from app.auth import key_service, log_service
from app.auth import schemas as auth_schemas
from app.auth.authenticate import Caller, optional
from app.auth.cookie import set_cookie
from app.auth.endpoints import limited, session_document
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs, needs_operator
from app.auth.scopes import Scope
from app.db.models import ApiKey
from app.db.transaction import Transaction, UnboundTransaction
from app.kit.ids import InvitationId, MembershipId, OrganisationId
from app.kit.no_store import NO_STORE
from app.kit.problems import problems
from app.organisations import invitations, members, repository, schemas, service

router = Router(tags=["organisations"])
people = Router(tags=["members"])
MANAGES = needs(Scope.MEMBERS_WRITE)


@router.get("/organisations", name="list", responses=problems(400, 401, 422))
async def list_organisations(
    session: Transaction, subject: Caller, asked: Annotated[schemas.OrganisationQuery, Query()]
) -> schemas.OrganisationPage:
    """List the organisations that the caller may see, newest first by default."""
    return await service.page(session, subject, asked)


@router.post(
    "/organisations",
    name="create",
    status_code=201,
    responses=problems(401, 403, 409, 422),
    dependencies=[needs_operator()],
)
async def create_organisation(
    body: schemas.OrganisationCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Organisation:
    """Create an organisation. Only the operator can do this."""
    return await once(lambda: service.create(session, subject, body))


@router.get("/organisations/{organisation_id}", name="get", responses=problems(401, 404))
async def get_organisation(
    organisation_id: OrganisationId, session: Transaction, subject: Caller
) -> schemas.Organisation:
    """Get an organisation."""
    return schemas.Organisation.model_validate(await repository.get(session, subject, organisation_id))


@router.get("/organisations/{organisation_id}/keys", name="list-keys", responses=problems(400, 401, 404, 422))
async def list_keys(
    organisation_id: OrganisationId,
    session: Transaction,
    subject: Caller,
    asked: Annotated[auth_schemas.KeyQuery, Query()],
) -> auth_schemas.KeyPage:
    """List all API keys of an organisation, of people and machines, newest first by default."""
    await repository.get(session, subject, organisation_id)
    owned = ApiKey.organisation_id == organisation_id
    return await key_service.page(session, subject, owned, asked)


@router.post(
    "/organisations/{organisation_id}/keys",
    name="create-key",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.KEYS_WRITE), NO_STORE],
)
async def create_key(
    organisation_id: OrganisationId,
    body: auth_schemas.KeyCreate,
    session: Transaction,
    subject: Caller,
    once: OncePerKey,
) -> auth_schemas.NewKey:
    """Create the API key of a machine for all projects of an organisation."""
    await repository.get(session, subject, organisation_id)
    return await once(lambda: key_service.create_in_organisation(session, subject, organisation_id, body))


@router.get("/organisations/{organisation_id}/audit-log", name="list-log", responses=problems(400, 401, 403, 404, 422))
async def list_log(
    organisation_id: OrganisationId,
    session: Transaction,
    subject: Caller,
    asked: Annotated[auth_schemas.LogQuery, Query()],
) -> auth_schemas.LogPage:
    """List the entries of an organisation that concern no project, newest first by default."""
    await repository.get(session, subject, organisation_id)
    return await log_service.organisation_page(session, subject, organisation_id, asked)


@people.get("/organisations/{organisation_id}/members", name="list", responses=problems(400, 401, 404, 422))
async def list_members(
    organisation_id: OrganisationId,
    session: Transaction,
    subject: Caller,
    asked: Annotated[schemas.MemberQuery, Query()],
) -> schemas.MemberPage:
    """List the members of an organisation, newest first by default."""
    await repository.get(session, subject, organisation_id)
    return await members.page(session, subject, organisation_id, asked)


@people.patch(
    "/members/{member_id}",
    name="change",
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[MANAGES],
)
async def change_member(
    member_id: MembershipId, body: schemas.MemberChange, session: Transaction, subject: Caller
) -> schemas.Member:
    """Give a member another role."""
    return await members.change(session, subject, member_id, body.role)


@people.delete("/members/{member_id}", name="remove", status_code=204, responses=problems(401, 403, 404, 409))
async def remove_member(member_id: MembershipId, session: Transaction, subject: Caller) -> None:
    """End a membership. Members can end their own."""
    await members.remove(session, subject, member_id)


@people.get(
    "/organisations/{organisation_id}/invitations",
    name="list-invitations",
    responses=problems(400, 401, 403, 404, 422),
    dependencies=[MANAGES],
)
async def list_invitations(
    organisation_id: OrganisationId,
    session: Transaction,
    subject: Caller,
    asked: Annotated[schemas.InvitationQuery, Query()],
) -> schemas.InvitationPage:
    """List the invitations of an organisation, newest first by default."""
    await repository.get(session, subject, organisation_id)
    return await invitations.page(session, subject, organisation_id, asked)


@people.post(
    "/organisations/{organisation_id}/invitations",
    name="invite",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[MANAGES, NO_STORE],
)
async def invite(
    organisation_id: OrganisationId,
    body: schemas.InvitationCreate,
    *,
    request: Request,
    session: Transaction,
    subject: Caller,
    once: OncePerKey,
) -> schemas.NewInvitation:
    """Invite somebody. Only this response contains the link."""
    await repository.get(session, subject, organisation_id)
    base = str(request.base_url)
    return await once(lambda: invitations.create(session, subject, organisation_id, body, base))


@people.delete(
    "/invitations/{invitation_id}",
    name="revoke-invitation",
    status_code=204,
    responses=problems(401, 403, 404, 409),
    dependencies=[MANAGES],
)
async def revoke_invitation(invitation_id: InvitationId, session: Transaction, subject: Caller) -> None:
    """Withdraw an invitation."""
    await invitations.revoke(session, subject, invitation_id)


@people.post(
    "/invitations/accept",
    name="accept-invitation",
    dependencies=[Depends(limited), NO_STORE],
    responses=problems(401, 403, 409, 422, 429, 503),
)
async def accept_invitation(
    body: schemas.InvitationAccept, request: Request, response: Response, session: UnboundTransaction
) -> auth_schemas.Session:
    """Accept an invitation, create an account if there is none, and sign in."""
    subject, token = await invitations.accept(session, request, body, await optional(request))
    set_cookie(request, response, token)
    return session_document(subject)
