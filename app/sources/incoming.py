"""Incoming webhooks: verified, deduplicated and stored. The scheduler handles them.

MLflow:  X-MLflow-Signature = "v1," + base64(HMAC-SHA256(secret, "<delivery>.<timestamp>.<body>"))
The hub: X-Webhook-Secret   = the secret
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Source, SourceCall, SourceKind
from app.errors import UnauthenticatedError, UnprocessableError
from app.kit.crypto import subkey, unseal
from app.sources import addresses
from app.sources.schemas import Accepted
from app.sources.service import PURPOSE, secret_context

SKEW_SECONDS = 300
LONGEST_ID = 200


@dataclass(frozen=True)
class Call:
    """An event of interest: its id, and the revision that it names."""

    delivery: str
    revision: str | None = None


async def receive(session: AsyncSession, source_id: UUID, headers: Mapping[str, str], body: bytes) -> Accepted:
    """Verify and store a webhook. Raises: UnauthenticatedError, UnprocessableError."""
    columns = (Source.kind, Source.address, Source.project_id, Source.sealed_secret, Source.active)
    source = (await session.execute(select(*columns).where(Source.id == source_id))).one_or_none()
    if source is None or source.kind not in READERS:
        raise UnauthenticatedError("bad_signature", "This webhook is not signed with the secret of the source.")
    secret = unseal(subkey(PURPOSE), source.sealed_secret, secret_context(source.project_id))
    call = READERS[SourceKind(source.kind)](source.address, secret, headers, body)
    if call is None or not source.active:
        return Accepted(accepted=False)
    row = {"source_id": source_id, "delivery": call.delivery, "revision": call.revision}
    stored = insert(SourceCall).values(row).on_conflict_do_nothing().returning(SourceCall.id)
    return Accepted(accepted=(await session.execute(stored)).scalar_one_or_none() is not None)


def of_mlflow(address: str, secret: bytes, headers: Mapping[str, str], body: bytes) -> Call | None:
    """Return the call of an MLflow registry, if it is about the watched model."""
    delivery = headers.get("x-mlflow-delivery-id", "")
    timestamp = headers.get("x-mlflow-timestamp", "")
    signed = f"{delivery}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    given = headers.get("x-mlflow-signature", "")
    if not delivery or not hmac.compare_digest(expected.encode(), given.encode()):
        raise UnauthenticatedError("bad_signature", "This webhook is not signed with the secret of the source.")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > SKEW_SECONDS:
        raise UnauthenticatedError(
            "late_webhook", f"This webhook is more than {SKEW_SECONDS // 60} minutes off. Check the clocks of both."
        )
    document, watched = _document(body), addresses.parse(address)
    data = _part(document, "data")
    if data.get("name") != watched.place or len(delivery) > LONGEST_ID:
        return None
    return Call(delivery, _version(document, data, watched))


def _version(document: dict[str, Any], data: dict[str, Any], watched: addresses.Watched) -> str | None:
    """Return the version that an event names, if it decides which one is watched.

    Any other event about the model has the source checked.
    """
    what = (document.get("entity"), document.get("action"))
    newest = watched.alias is None and watched.stage is None and what == ("model_version", "created")
    named = (
        watched.alias is not None and what == ("model_version_alias", "created") and data.get("alias") == watched.alias
    )
    version = str(data.get("version", ""))
    return version if (newest or named) and version.isdecimal() and len(version) < 18 else None


def of_hub(address: str, secret: bytes, headers: Mapping[str, str], body: bytes) -> Call | None:
    """Return the call of the hub, if the watched branch or tag has new content."""
    if not hmac.compare_digest(secret, headers.get("x-webhook-secret", "").encode()):
        raise UnauthenticatedError("bad_signature", "This webhook does not have the secret of the source.")
    document, watched = _document(body), addresses.parse(address)
    event, repository = _part(document, "event"), _part(document, "repo")
    if repository.get("type") != "model" or repository.get("name") != watched.place:
        return None
    if not str(event.get("scope", "")).startswith("repo.content"):
        return None
    commit = _commit(document, watched.revision)
    return None if commit is None else Call(f"{watched.place}@{commit}", commit)


def _commit(document: dict[str, Any], revision: str | None) -> str | None:
    """Return the new commit of the watched branch or tag. A deleted one has none."""
    refs = {f"refs/heads/{revision}", f"refs/tags/{revision}"}
    updated = document.get("updatedRefs")
    for one in updated if isinstance(updated, list) else []:
        if isinstance(one, dict) and one.get("ref") in refs:
            commit = str(one.get("newSha") or "")
            return commit if len(commit) == 40 and set(commit) <= set("0123456789abcdef") else None
    return None


READERS = {SourceKind.MLFLOW: of_mlflow, SourceKind.HUB: of_hub}


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnprocessableError("bad_webhook", "The body of this webhook is not JSON.") from error
    if not isinstance(document, dict):
        raise UnprocessableError("bad_webhook", "The body of this webhook is not a JSON object.")
    return document


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}
