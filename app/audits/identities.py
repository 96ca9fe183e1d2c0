"""The outcome of each identity with the scores behind it, read in one statement.

The list of an API process asks over its connections for reads, and a report in its transaction.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    Select,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import outcome_schemas as schemas
from app.audits import reading
from app.auth.limits import Limited, bound, limited, values
from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.contract.upgrades.outcome import upgraded
from app.db.models import IdentityOutcome, Reconstruction, Score
from app.db.reads import Compiled, Reads, compiled
from app.kit import cursor as cursors

Sort = Literal["identity", "exposed"]
ATTACK = "attack"
PRIOR_CONTROL = "prior"  # the control whose image is shown beside the attack's
VERIFIER = "verifier"
OWN = ("identity", "name", "verified", "control_verified", "evaluator_top1", "evaluator_top5", "target_top1")
SCORE = tuple(schemas.Score.model_fields)
STRENGTH = IdentityOutcome.details["strength"].as_string().cast(Float)
SHOWN_ATTACK = func.coalesce(cast(IdentityOutcome.details["attack"].as_string(), Integer), 0)


async def page(
    reads: Reads, subject: Subject, audit_id: UUID, *, sort: Sort = "identity", limit: int, cursor: str | None
) -> schemas.IdentityPage:
    """Return the outcomes, by class index or with the most exposed first.

    The most exposed have the greatest strength; equal ones are ordered by class index.
    """
    subject.require(Scope.AUDITS_READ)
    given = values(subject) | {"audit": audit_id, "most": limit + 1}
    if cursor is not None:
        (given["after"],) = cursors.decode(cursor, cursors.Keyset((_order(sort),)))
    rows = await reads.rows(_compiled(limited(subject), sort, after=cursor is not None), given)
    if not rows:
        await reading.one(reads, subject, audit_id)
    following = None
    if len(rows) > limit:
        identity, *_, place, _submission, _control = rows[limit - 1]
        keyset = cursors.Keyset((_order(sort),))
        following = cursors.encode((identity if sort == "identity" else place,), keyset)
    return schemas.IdentityPage(items=[_document(row) for row in rows[:limit]], next_cursor=following)


async def most_exposed(session: AsyncSession, subject: Subject, audit_id: UUID, most: int) -> list[schemas.Identity]:
    """Return the outcomes of the most exposed identities, in this order."""
    subject.require(Scope.AUDITS_READ)
    given = values(subject) | {"audit": audit_id, "most": most}
    rows = (await session.execute(_statement(limited(subject), "exposed", after=False), given)).all()
    return [_document(row) for row in rows]


async def around(
    session: AsyncSession, subject: Subject, audit_id: UUID, identity: int
) -> list[tuple[int, schemas.Identity]]:
    """Return an identity with those before and after it in the order of exposure, by place."""
    subject.require(Scope.AUDITS_READ)
    ranked, own = _ranked(), _ranked().alias("own")
    place = select(own.c.place).where(own.c.identity == identity).scalar_subquery()
    statement = _chosen(limited(subject)).where(ranked.c.place.between(place - 1, place + 1)).order_by(ranked.c.place)
    rows = (await session.execute(statement, values(subject) | {"audit": audit_id})).all()
    return [(row.place, _document(row)) for row in rows]


@lru_cache
def _compiled(may_see: Limited, sort: Sort, *, after: bool) -> Compiled:
    return compiled(_statement(may_see, sort, after=after))


def _order(sort: Sort) -> ColumnElement[int]:
    order: ColumnElement[int] = IdentityOutcome.identity.expression if sort == "identity" else _ranked().c.place
    return order


@lru_cache
def _ranked() -> Any:
    """Return the place of each identity of an audit, by strength."""
    place = func.row_number(type_=BigInteger).over(order_by=(STRENGTH.desc().nulls_last(), IdentityOutcome.identity))
    ranking = select(IdentityOutcome.identity, place.label("place"))
    return ranking.where(IdentityOutcome.audit_id == bindparam("audit", type_=Uuid)).subquery("ranked")


def _statement(may_see: Limited, sort: Sort, *, after: bool) -> Select[*tuple[Any, ...]]:
    order, chosen = _order(sort), _chosen(may_see)
    if after:
        chosen = chosen.where(order > bindparam("after", type_=order.type))
    return chosen.order_by(order).limit(bindparam("most", type_=Integer))


def _chosen(may_see: Limited) -> Select[*tuple[Any, ...]]:
    ranked = _ranked()
    columns = (*(getattr(IdentityOutcome, name) for name in OWN), IdentityOutcome.details)
    chosen = within(
        select(*columns, STRENGTH, ranked.c.place, _submitted(ATTACK), _submitted(PRIOR_CONTROL)),
        IdentityOutcome.project_id,
        bound(may_see),
    )
    chosen = chosen.join(ranked, ranked.c.identity == IdentityOutcome.identity)
    return chosen.where(IdentityOutcome.audit_id == bindparam("audit", type_=Uuid))


def _submitted(source: str) -> Any:
    """Return a column: the submission of the attack that is shown, with its scores, or null."""
    score = func.json_build_array(*(getattr(Score, name) for name in SCORE))
    scores = func.json_agg(aggregate_order_by(score, Score.kind.desc(), Score.judge))
    there = case((func.count(Score.judge) > 0, scores))
    found = (
        select(func.json_build_array(Reconstruction.id, there))
        .outerjoin(Score, Score.reconstruction_id == Reconstruction.id)
        .where(
            Reconstruction.audit_id == IdentityOutcome.audit_id,
            Reconstruction.identity == IdentityOutcome.identity,
            Reconstruction.source == source,
            Reconstruction.attack == SHOWN_ATTACK,
            Reconstruction.submitted,
        )
        .group_by(Reconstruction.id)
        .limit(1)
    )
    return type_coerce(found.correlate(IdentityOutcome).scalar_subquery(), JSON)


def _document(row: Sequence[Any]) -> schemas.Identity:
    *own, stored, strength, place, submitted, control = row
    outcome = dict(zip(OWN, own, strict=True))
    details = upgraded(stored)
    recognised_by = details.get("recognised_by", [0] if outcome["verified"] else [])
    attack_id, found = submitted or (None, None)
    scores = [schemas.Score(**dict(zip(SCORE, one, strict=True))) for one in found or ()]
    deciding: Mapping[str, Any] = details.get("deciding") or {}
    score = next((one for one in scores if one.kind == VERIFIER and one.judge == deciding.get("verifier")), None)
    return schemas.Identity(
        **outcome,
        **{name: deciding.get(name) for name in ("verifier", "similarity", "threshold", "margin", "rank")},
        rank_exposed=None if strength is None else place,
        strength=strength,
        attack=int(details.get("attack", 0)),
        recognised_by=None if outcome["verified"] is None else recognised_by,
        details=details,
        reconstruction_id=None if attack_id is None else UUID(attack_id),
        control_reconstruction_id=None if control is None else UUID(control[0]),
        nearest_reference=score.nearest_reference if score else None,
        scores=scores,
    )
