"""Signatures of checkpoints: who signed the file that is uploaded for a release."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.errors import ConflictError, UnprocessableError
from app.kit.ids import public_id
from app.releases import repository, schemas
from app.signatures.errors import SignatureRefusedError, UnsupportedSignatureError
from app.signatures.keys import read_public_keys
from app.signatures.model_signature import read_model_signature


async def verify(
    session: AsyncSession, subject: Subject, release_id: UUID, body: schemas.SignatureCreate
) -> schemas.ReleaseSignature:
    """Verify a signature against the digest of a release's file, and keep what it says."""
    subject.require(Scope.TARGETS_WRITE)
    release, _ = await repository.get(session, subject, release_id, lock=True)
    if release.sha256 is None:
        raise ConflictError(
            "digest_unknown", "The digest of this release's file is not known yet. Announce it, or upload the file."
        )
    try:
        keys = read_public_keys(body.key.encode())
        found = read_model_signature(body.bundle.encode(), f"sha256:{release.sha256}", keys)
    except SignatureRefusedError as error:
        raise UnprocessableError("signature_rejected", f"The signature does not hold: {error}.") from error
    except UnsupportedSignatureError as error:
        raise UnprocessableError("signature_unsupported", f"The signature is not supported: {error}.") from error
    signature = schemas.ReleaseSignature(
        signer=body.signer,
        key_id=found.key.id,
        model=found.model,
        file=found.name,
        files=found.files,
        verified_at=datetime.now(UTC),
        recorded_by=subject.name,
    )
    release.signature = signature.model_dump(mode="json")
    details = {"key_id": signature.key_id, "signer": signature.signer}
    await audit_log.write(
        session,
        subject,
        "release.signature_verified",
        public_id("rel", release.id),
        project_id=release.project_id,
        details=details,
    )
    return signature
