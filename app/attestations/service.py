"""Signing with the key of the service, and replacing that key.

The first signature makes the first key. A retired key is kept without its private half, so that
what it signed can still be verified.
"""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.attestations import repository, schemas
from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import SigningKey
from app.errors import ConflictError
from app.kit.crypto import UnsealError, seal, subkey, unseal
from app.kit.ids import public_id
from app.signatures.envelope import sealed
from app.signatures.keys import new_private_key, public_key_of

PURPOSE = "signing-key"


async def page(session: AsyncSession) -> schemas.SigningKeyPage:
    """List all public keys, newest first."""
    rows = await repository.every(session)
    return schemas.SigningKeyPage(items=[schemas.SigningKey.model_validate(row) for row in rows], next_cursor=None)


async def rotate(session: AsyncSession, subject: Subject) -> schemas.SigningKey:
    """Make a new key and retire the one that signs. Only the operator can do this."""
    subject.require(Scope.KEYS_WRITE)
    subject.require_operator()
    await repository.wait_for_others(session)
    old = await repository.active(session)
    if old is not None:
        old.active, old.sealed_private, old.retired_at = None, None, datetime.now(UTC)
        await session.flush()
    key = await _create(session, subject, replaces=old.key_id if old else None)
    return schemas.SigningKey.model_validate(key)


async def signed(session: AsyncSession, subject: Subject, payload: bytes) -> bytes:
    """Return a DSSE envelope around an in-toto statement."""
    key = await repository.active(session)
    if key is None:
        await repository.wait_for_others(session)
        key = await repository.active(session) or await _create(session, subject, replaces=None)
    assert key.sealed_private is not None
    try:
        private = unseal(subkey(PURPOSE), key.sealed_private, _context(key.key_id))
    except UnsealError as error:
        raise ConflictError(
            "signing_key_sealed", "The signing key cannot be opened with this root secret. Replace the key."
        ) from error
    return sealed(payload, private)


async def _create(session: AsyncSession, subject: Subject, *, replaces: str | None) -> SigningKey:
    private = new_private_key()
    public = public_key_of(private)
    key = SigningKey(
        key_id=public.id,
        pem=public.pem.decode(),
        active=True,
        sealed_private=seal(subkey(PURPOSE), private, _context(public.id)),
    )
    session.add(key)
    await session.flush()
    await session.refresh(key)
    details = {"key_id": key.key_id, "replaces": replaces}
    await audit_log.write(
        session, subject, "signing_key.created", public_id("sgk", key.id), project_id=None, details=details
    )
    return key


def _context(key_id: str) -> str:
    return f"exhume/{PURPOSE}/{key_id}"
