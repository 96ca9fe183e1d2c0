"""The result of an audit, and the outcome of each identity with the scores behind it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, Float, Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import outcome_schemas as schemas
from app.audits import repository
from app.auth.subject import Subject, within
from app.contract.result import Result
from app.contract.result.names import Regression
from app.contract.upgrades.outcome import upgraded
from app.db.models import IdentityOutcome, Reconstruction, Score
from app.errors import ConflictError, NotFoundError
from app.kit.cursor import Keyset, fetch_page

Sort = Literal["identity", "exposed"]
BY_IDENTITY = Keyset((IdentityOutcome.identity.expression,))
ATTACK = "attack"
PRIOR_CONTROL = "prior"  # the control whose image is shown beside the attack's
VERIFIER = "verifier"
OWN = ("identity", "name", "verified", "control_verified", "evaluator_top1", "evaluator_top5", "target_top1")
OUTCOME = tuple(getattr(IdentityOutcome, name) for name in (*OWN, "details"))
SCORE = tuple(getattr(Score, name) for name in schemas.Score.model_fields)


async def result(session: AsyncSession, subject: Subject, audit_id: UUID) -> Result:
    """Return the result document. Raises: ConflictError while there is none."""
    audit = await repository.get(session, subject, audit_id)
    if audit.result is None:
        raise ConflictError("no_result", f"This audit is {audit.state} and has no result; follow its events.")
    return Result.load(audit.result)


async def regression(session: AsyncSession, subject: Subject, audit_id: UUID) -> Regression:
    """Return the comparison with the previous release, made by the score stage."""
    found = await result(session, subject, audit_id)
    if found.regression is None:
        raise NotFoundError("no_regression", "This audit was scored before releases were compared; audit again.")
    return found.regression


async def identities(
    session: AsyncSession, subject: Subject, audit_id: UUID, *, sort: Sort = "identity", limit: int, cursor: str | None
) -> schemas.IdentityPage:
    """Return the outcomes, by class index or with the most exposed first.

    The most exposed have the greatest strength; equal ones are ordered by class index.
    """
    audit = await repository.shown(session, subject, audit_id)
    strength = IdentityOutcome.details["strength"].as_string().cast(Float)
    place = func.row_number(type_=BigInteger).over(order_by=(strength.desc().nulls_last(), IdentityOutcome.identity))
    ranking = select(IdentityOutcome.identity, place.label("place"), strength.label("strength"))
    ranked = ranking.where(IdentityOutcome.audit_id == audit.id).subquery()
    columns = select(*OUTCOME, ranked.c.place, ranked.c.strength)
    statement = within(columns, IdentityOutcome.project_id, subject)
    statement = statement.join(ranked, ranked.c.identity == IdentityOutcome.identity)
    statement = statement.where(IdentityOutcome.audit_id == audit.id)
    order = BY_IDENTITY if sort == "identity" else Keyset((ranked.c.place,))
    rows, following = await fetch_page(session, statement, order, limit=limit, cursor=cursor)
    submitted = await _submitted(session, audit.id, [row.identity for row in rows])
    items = [_document(row, submitted[row.identity]) for row in rows]
    return schemas.IdentityPage(items=items, next_cursor=following)


Submitted = dict[tuple[str, int], tuple[UUID, list[Row[*tuple[Any, ...]]]]]  # by source and attack


async def _submitted(session: AsyncSession, audit_id: UUID, numbers: Sequence[int]) -> dict[int, Submitted]:
    """Return the submitted reconstructions of these identities with their scores."""
    statement = (
        select(Reconstruction.id, Reconstruction.identity, Reconstruction.source, Reconstruction.attack, *SCORE)
        .outerjoin(Score, Score.reconstruction_id == Reconstruction.id)
        .where(Reconstruction.audit_id == audit_id, Reconstruction.submitted, Reconstruction.identity.in_(numbers))
        .order_by(Reconstruction.identity, Reconstruction.source, Score.kind.desc(), Score.judge)
    )
    found: dict[int, Submitted] = defaultdict(dict)
    for row in (await session.execute(statement)).all():
        scores = found[row.identity].setdefault((row.source, row.attack), (row.id, []))[1]
        if row.judge is not None:
            scores.append(row)
    return found


def _document(outcome: Row[*tuple[Any, ...]], submitted: Submitted) -> schemas.Identity:
    details = upgraded(outcome.details)
    attack = int(details.get("attack", 0))
    recognised_by = details.get("recognised_by", [0] if outcome.verified else [])
    attack_id, rows = submitted.get((ATTACK, attack), (None, []))
    scores = [schemas.Score(**{name: row._mapping[name] for name in schemas.Score.model_fields}) for row in rows]
    control_id, _ = submitted.get((PRIOR_CONTROL, attack), (None, []))
    deciding = details.get("deciding") or {}
    score = next((one for one in scores if one.kind == VERIFIER and one.judge == deciding.get("verifier")), None)
    return schemas.Identity(
        **{name: getattr(outcome, name) for name in OWN},
        **{name: deciding.get(name) for name in ("verifier", "similarity", "threshold", "margin", "rank")},
        rank_exposed=None if outcome.strength is None else outcome.place,
        strength=outcome.strength,
        attack=attack,
        recognised_by=None if outcome.verified is None else recognised_by,
        details=details,
        reconstruction_id=attack_id,
        control_reconstruction_id=control_id,
        nearest_reference=score.nearest_reference if score else None,
        scores=scores,
    )
