"""The subject of a request, from a bearer key or a session cookie."""

from dataclasses import replace
from typing import Annotated

import structlog
from fastapi import Depends, Request

from app.auth import repository, request_rate
from app.auth.cookie import session_token
from app.auth.csrf import SAFE, check_origin
from app.auth.known import known
from app.auth.roles import granted
from app.auth.secrets import api_key_hash, looks_like_api_key, session_hash
from app.auth.subject import Kind, Subject
from app.db.models import ApiKey, BrowserSession, Role
from app.db.session import async_session
from app.db.tenancy import Binding, bind
from app.errors import UnauthenticatedError

SUBJECT = "exhume.subject"  # in the scope of a request
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="exhume"'}


async def authenticate(request: Request) -> Subject:
    """Return the subject, or raise `UnauthenticatedError`. A request is authenticated once.

    It runs in a short separate transaction. An upload or event stream that lasts for minutes
    therefore holds no connection, and a key's last use is recorded even if the request fails.
    """
    known = request.scope.get(SUBJECT)
    if isinstance(known, Subject):
        return known
    header = request.headers.get("authorization")
    if header is not None:
        subject = await _by_key(request, header)
    elif (token := session_token(request)) is not None:
        subject = await _by_cookie(request, token)
    else:
        raise UnauthenticatedError(
            "not_signed_in", "Send an API key as `Authorization: Bearer exh_…`, or sign in.", headers=CHALLENGE
        )
    # the audit log names people and keys, logs of processes do not
    structlog.contextvars.bind_contextvars(subject=str(subject.id))
    request.scope[SUBJECT] = subject
    bind(binding_of(subject))
    await request_rate.spend(subject, request.scope)
    return subject


async def optional(request: Request) -> Subject | None:
    """Return the subject of a request that may come from somebody who is not signed in."""
    try:
        return await authenticate(request)
    except UnauthenticatedError:
        return None


async def authenticate_again(request: Request) -> Subject | None:
    """Return the present subject of a long request, or None when its access has ended."""
    request.scope.pop(SUBJECT, None)
    return await optional(request)


async def _by_key(request: Request, header: str) -> Subject:
    scheme, _, text = header.partition(" ")
    text = text.strip()
    if scheme.lower() == "bearer" and looks_like_api_key(text):
        seen, secret = known(request.app), api_key_hash(text)
        if (subject := seen.find(secret)) is not None:
            return _at(subject, request)
        look = seen.look()
        async with async_session(bound=False) as session:
            found = await repository.valid_key(session, secret)
            if found is not None:
                await repository.touch_key(session, found.key)
        if found is not None:
            subject = subject_of_key(found, request)
            seen.remember(secret, subject, found.key.expires_at, look)
            return subject
    raise UnauthenticatedError("bad_key", "This API key is unknown, expired or revoked.", headers=CHALLENGE)


async def _by_cookie(request: Request, token: str) -> Subject:
    if request.method not in SAFE:
        check_origin(request)
    seen, secret = known(request.app), session_hash(token)
    if (subject := seen.find(secret)) is not None:
        return _at(subject, request)
    look = seen.look()
    async with async_session(bound=False) as session:
        found = await repository.valid_session(session, secret)
    if found is None:
        raise UnauthenticatedError("session_ended", "This session has ended. Sign in again.", headers=CHALLENGE)
    subject = subject_of_session(found.opened, found.role, request)
    seen.remember(secret, subject, found.opened.expires_at, look)
    return subject


def _at(subject: Subject, request: Request) -> Subject:
    """Return a remembered subject with the address of this request."""
    address = client_address(request)
    return subject if address == subject.address else replace(subject, address=address)


def subject_of_key(found: repository.Key, request: Request) -> Subject:
    """Return the subject of an API key. The role of its person limits a personal key."""
    key = found.key
    return Subject(
        id=key.id,
        name=found.actor,
        project_id=key.project_id,
        scopes=granted(key.scopes, found.role),
        address=client_address(request),
        kind=kind_of(key),
        organisation_id=key.organisation_id,
        person_id=key.person_id,
        key_id=key.id,
    )


def subject_of_session(opened: BrowserSession, role: Role | None, request: Request) -> Subject:
    """Return the subject of a browser session. `role` is the present one of a member."""
    return Subject(
        id=opened.id,
        name=opened.subject,
        project_id=opened.project_id,
        scopes=granted(opened.scopes, role),
        by_cookie=True,
        address=client_address(request),
        kind=kind_of(opened),
        organisation_id=opened.organisation_id,
        person_id=opened.person_id,
        key_id=opened.api_key_id,
    )


def kind_of(row: ApiKey | BrowserSession) -> Kind:
    """Tell whose a key or a session is."""
    if row.person_id is not None:
        return Kind.PERSON
    return Kind.OPERATOR if row.organisation_id is None else Kind.MACHINE


def binding_of(subject: Subject) -> Binding | None:
    """Return what the transactions of a subject are bound to. The operator sees all rows."""
    if subject.kind is Kind.OPERATOR:
        return None
    return Binding(subject.id, subject.organisation_id, subject.project_id, subject.person_id)


def client_address(request: Request) -> str | None:
    """Return the address that the connection comes from."""
    return request.client.host if request.client else None


Caller = Annotated[Subject, Depends(authenticate)]
