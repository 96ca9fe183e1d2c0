"""One identity of an audit: all its reconstructions, and what they are similar to."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import identities, repository
from app.audits.identity_schemas import Candidate, IdentityInFull, Judgement, NamedNeighbour
from app.audits.outcome_schemas import Score as ScoreShown
from app.auth.subject import Subject
from app.contract.likeness import Likeness
from app.db.models import Audit, IdentityOutcome, Reconstruction, Release, Score
from app.errors import NotFoundError

COLUMNS = tuple(
    getattr(Reconstruction, name)
    for name in ("id", "attack", "seed", "restart", "submitted", "target_score", "target_confidence", "details")
)
FILM = case((Reconstruction.sealed_film.is_not(None), Reconstruction.film_steps)).label("film_steps")
"""Null once the film was deleted."""


async def get(session: AsyncSession, subject: Subject, audit_id: UUID, identity: int) -> IdentityInFull:
    """Return everything about an identity. Raises: NotFoundError."""
    audit = await repository.shown(session, subject, audit_id)
    around = dict(await identities.around(session, subject, audit.id, identity))
    place = next((place for place, one in around.items() if one.identity == identity), None)
    if place is None:
        raise NotFoundError("identity_not_audited", "This audit has no outcome of that identity.")
    shown, before, after = around[place], around.get(place - 1), around.get(place + 1)
    names = select(Release.classes).join(Audit, Audit.release_id == Release.id).where(Audit.id == audit.id)
    every = select(func.count()).where(IdentityOutcome.audit_id == audit.id)
    scores = await _scores(session, audit.id, identity)
    return IdentityInFull(
        **{name: getattr(shown, name) for name in type(shown).model_fields},
        previous=before.identity if before else None,
        next=after.identity if after else None,
        identities=await session.scalar(every) or 0,
        place=place,
        judgements=_judgements(scores.get(shown.reconstruction_id, []), await session.scalar(names) or []),
        candidates=await _candidates(session, audit, identity, scores),
    )


async def _scores(session: AsyncSession, audit_id: UUID, identity: int) -> dict[UUID | None, list[Score]]:
    statement = (
        select(Score)
        .join(Reconstruction, Reconstruction.id == Score.reconstruction_id)
        .where(Reconstruction.audit_id == audit_id, Reconstruction.identity == identity)
        .order_by(Score.kind.desc(), Score.judge)
    )
    found: dict[UUID | None, list[Score]] = defaultdict(list)
    for score in (await session.scalars(statement)).all():
        found[score.reconstruction_id].append(score)
    return found


def _judgements(scores: Sequence[Score], classes: Sequence[str]) -> list[Judgement]:
    judgements = []
    for score in scores:
        likeness = Likeness.model_validate(score.details)
        neighbours = [
            NamedNeighbour(**one.model_dump(), name=None if one.identity is None else _name_of(one.identity, classes))
            for one in likeness.neighbours
        ]
        judgements.append(
            Judgement(**_shown(score), neighbours=neighbours, references=likeness.references, public=likeness.public)
        )
    return judgements


def _name_of(identity: int, classes: Sequence[str]) -> str | None:
    return classes[identity] if identity < len(classes) else None


def _shown(score: Score) -> dict[str, Any]:
    return {name: getattr(score, name) for name in ScoreShown.model_fields}


async def _candidates(
    session: AsyncSession, audit: repository.Shown, identity: int, scores: dict[UUID | None, list[Score]]
) -> list[Candidate]:
    made = (Reconstruction.audit_id == audit.id, Reconstruction.identity == identity)
    kept = Reconstruction.sealed_image.is_not(None).label("kept")
    statement = select(*COLUMNS, kept, FILM).where(*made, Reconstruction.source == identities.ATTACK)
    ordered = statement.order_by(Reconstruction.attack, Reconstruction.seed, Reconstruction.restart)
    candidates = []
    for row in (await session.execute(ordered)).all():
        own = scores.get(row.id, [])
        judged = [score.passed for score in own if score.kind == identities.VERIFIER]
        fields = {name: getattr(row, name) for name in Candidate.model_fields if name in row._fields}
        candidates.append(
            Candidate(
                **fields,
                target_top1=row.details.get("target_top1"),
                recognised=all(judged) if judged else None,
                image_available=row.kept and not audit.images_deleted,
                scores=[ScoreShown(**_shown(score)) for score in own],
            )
        )
    return candidates
