"""Making, listing and deleting blind line-ups."""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import anyio
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import repository as audits
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.blind_line_ups import log, repository, schemas
from app.blind_line_ups.composition import Item, Person, TooFewError, compose, composition_digest
from app.blind_line_ups.reviewers import reviewer_of
from app.contract.upgrades.outcome import upgraded
from app.datasets import repository as datasets
from app.datasets.repacking import labels_of
from app.db.models import (
    Audit,
    BlindLineUp,
    BlindLineUpItem,
    BlindLineUpReview,
    Dataset,
    IdentityOutcome,
    Reconstruction,
    Release,
)
from app.db.states import AuditState
from app.errors import ConflictError
from app.formats.names import matched
from app.kit.cursor import fetch_page
from app.storage.store import MissingObjectError
from app.vault.keys import find_key
from app.vault.objects import opened

ATTACK, CONTROL = "attack", "prior"
SEED_BYTES = 16


async def create(
    session: AsyncSession, subject: Subject, audit_id: UUID, body: schemas.BlindLineUpCreate
) -> schemas.BlindLineUp:
    """Choose the items of a blind line-up and fix them. Nobody is told the seed."""
    subject.require(Scope.RECONSTRUCTIONS_REVEAL)
    audit = await audits.get(session, subject, audit_id)
    if audit.state != AuditState.SUCCEEDED or audit.images_deleted_at or audit.private_dataset_id is None:
        raise _no_pictures()
    # An erasure locks it too, and moves the places of photographs in items that it finds.
    dataset = await datasets.get(session, subject, audit.private_dataset_id, lock=True)
    people = await _people(session, audit, dataset)
    seed = secrets.token_hex(SEED_BYTES)
    try:
        items = await anyio.to_thread.run_sync(_composed, people, body, seed)
    except TooFewError as error:
        raise ConflictError(
            "too_few_for_line_up",
            f"A blind line-up with {body.candidates} candidates needs {error.need} identities with a reconstruction, "
            f"a control and a private image; this one has {error.have}. Ask for fewer candidates or more identities.",
        ) from None
    line_up = BlindLineUp(
        project_id=audit.project_id,
        audit_id=audit.id,
        candidates=body.candidates,
        seed=seed,
        digest=composition_digest(seed, items),
        created_by=subject.name,
    )
    session.add(line_up)
    await session.flush()
    session.add_all(
        BlindLineUpItem(
            project_id=audit.project_id,
            line_up_id=line_up.id,
            number=number,
            kind=item.kind.value,
            identity=item.identity,
            reconstruction_id=item.picture,
            photograph=item.photograph,
            candidates=[{"identity": one.identity, "photograph": one.photograph} for one in item.candidates],
            answer=item.answer,
        )
        for number, item in enumerate(items, 1)
    )
    await session.flush()
    details = {"items": len(items), "digest": line_up.digest}
    await log.write(session, subject, "blind_line_up.created", line_up, details)
    return await show(session, subject, line_up.id)


def _composed(people: Sequence[Person], body: schemas.BlindLineUpCreate, seed: str) -> list[Item]:
    return compose(people, candidates=body.candidates, most=body.identities, seed=seed)


async def show(session: AsyncSession, subject: Subject, line_up_id: UUID) -> schemas.BlindLineUp:
    """Return a blind line-up with its progress."""
    row = await repository.get_with_counts(session, subject, line_up_id)
    return (await _documents(session, subject, [row]))[0]


async def page(
    session: AsyncSession, subject: Subject, audit_id: UUID, *, limit: int, cursor: str | None
) -> schemas.BlindLineUpPage:
    """List the blind line-ups of an audit, newest first."""
    audit = await audits.shown(session, subject, audit_id)
    statement = repository.with_counts(repository.readable(subject)).where(BlindLineUp.audit_id == audit.id)
    rows, following = await fetch_page(session, statement, repository.NEWEST_FIRST, limit=limit, cursor=cursor)
    return schemas.BlindLineUpPage(items=await _documents(session, subject, rows), next_cursor=following)


async def remove(session: AsyncSession, subject: Subject, line_up_id: UUID) -> None:
    """Delete a blind line-up with all answers. Its seed is kept in the audit log."""
    subject.require(Scope.DATA_DELETE)
    line_up = await repository.get(session, subject, line_up_id)
    await session.execute(delete(BlindLineUp).where(BlindLineUp.id == line_up.id))
    await log.write(session, subject, log.DELETED, line_up, {"seed": line_up.seed})


async def _documents(session: AsyncSession, subject: Subject, rows: Sequence[Any]) -> list[schemas.BlindLineUp]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for one in await repository.progress(session, [row[0].id for row in rows]):
        found[one[0].line_up_id].append(one)
    return [_document(subject, row, found[row[0].id]) for row in rows]


def _document(subject: Subject, row: Any, progress: Sequence[Any]) -> schemas.BlindLineUp:
    line_up: BlindLineUp = row[0]
    begun = [(one, answered) for one, answered in progress if one.purpose is not None]
    reviewer = reviewer_of(subject)
    own = next((one for one, _ in progress if one.reviewer == reviewer), None)
    return schemas.BlindLineUp(
        **{name: getattr(line_up, name) for name in ("id", "audit_id", "candidates", "digest", "created_by")},
        created_at=line_up.created_at,
        items=row.items,
        pictures_deleted=row.gone,
        reviews=[
            schemas.LineUpReview(name=one.name, answered=answered, begun_at=one.created_at, finished_at=one.finished_at)
            for one, answered in begun
        ],
        your_review=_state(reviewer, own),
    )


def _state(reviewer: str | None, own: BlindLineUpReview | None) -> schemas.LineUpReviewState:
    if reviewer is None:
        return schemas.LineUpReviewState.NOT_POSSIBLE
    if own is None:
        return schemas.LineUpReviewState.NOT_BEGUN
    if own.results_read_at is not None:
        return schemas.LineUpReviewState.RESULTS_READ
    return schemas.LineUpReviewState.BEGUN if own.finished_at is None else schemas.LineUpReviewState.FINISHED


async def _people(session: AsyncSession, audit: Audit, dataset: Dataset) -> list[Person]:
    """Return the attacked identities of which a reconstruction is left."""
    photographs = await _photographs(session, audit, dataset)
    strongest = {
        row.identity: int(upgraded(row.details).get("attack", 0))
        for row in await session.execute(
            select(IdentityOutcome.identity, IdentityOutcome.details).where(IdentityOutcome.audit_id == audit.id)
        )
    }
    columns = (Reconstruction.id, Reconstruction.identity, Reconstruction.source, Reconstruction.attack)
    statement = select(*columns).where(
        Reconstruction.audit_id == audit.id,
        Reconstruction.submitted,
        Reconstruction.sealed_image.is_not(None),
        Reconstruction.source.in_((ATTACK, CONTROL)),
    )
    made = {
        (row.source, row.identity): row.id
        for row in await session.execute(statement)
        if strongest.get(row.identity) == row.attack
    }
    return [
        Person(identity, made[ATTACK, identity], made.get((CONTROL, identity)), tuple(photographs.get(identity, ())))
        for identity in sorted(strongest)
        if (ATTACK, identity) in made
    ]


async def _photographs(session: AsyncSession, audit: Audit, dataset: Dataset) -> dict[int, list[int]]:
    """Return the places of the private images of each class of the release."""
    if dataset.object_key is None:
        raise _no_pictures()
    classes = await session.scalar(select(Release.classes).where(Release.id == audit.release_id)) or []
    names = dataset.identities or []
    known = matched(names, classes).found
    index = {name: place for place, name in enumerate(classes)}
    of_label = {label: index[known[name]] for label, name in enumerate(names) if name in known}
    key = await session.run_sync(find_key, dataset.object_key)
    try:
        labels = await anyio.to_thread.run_sync(_labels, dataset.object_key, key)
    except MissingObjectError:
        raise _no_pictures() from None
    found: dict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        if label in of_label:
            found[of_label[label]].append(place)
    return found


def _labels(name: str, key: bytes | None) -> Sequence[int]:
    with opened(name, key) as file:
        return labels_of(file)


def _no_pictures() -> ConflictError:
    return ConflictError(
        "no_pictures_for_line_up",
        "A blind line-up needs a finished audit whose reconstructions and private images are still stored.",
    )
