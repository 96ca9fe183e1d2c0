"""Curves of the searches of an audit: loss and score of the target by step, over all shards."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import curve_schemas as schemas
from app.audits import repository
from app.auth.subject import Subject
from app.contract.attack_labels import attack_label
from app.contract.curve import CurvePoint
from app.contract.plan import Plan
from app.db.models import Audit, Job
from app.jobs.stages import SEARCHES


async def curves(session: AsyncSession, subject: Subject, audit_id: UUID) -> schemas.CurveList:
    """Return the curves of an audit, by attack of its plan and part."""
    statement = repository.readable(subject).with_only_columns(Audit.plan).where(Audit.id == audit_id)
    audit = await repository.shown(session, subject, audit_id)
    plan = Plan.load((await session.execute(statement)).scalar_one())
    rows = await session.execute(
        select(Job.payload["attack"].as_integer(), Job.curve)
        .where(Job.audit_id == audit.id, Job.stage.in_(SEARCHES), Job.curve.is_not(None))
        .order_by(Job.id)
    )
    found: dict[tuple[int, int], list[CurvePoint]] = defaultdict(list)
    for attack, stored in rows:
        for values in stored or []:
            point = CurvePoint(*values)
            found[attack or 0, point.part].append(point)
    return schemas.CurveList(
        items=[
            schemas.Curve(attack=attack, label=_label(plan, attack), part=part, points=merged(points))
            for (attack, part), points in sorted(found.items())
        ]
    )


def merged(points: Iterable[CurvePoint]) -> list[schemas.CurveStep]:
    """Merge the points of several shards at the same steps."""
    by_step: dict[int, list[CurvePoint]] = defaultdict(list)
    for point in points:
        by_step[point.step].append(point)
    return [
        schemas.CurveStep(
            step=step,
            rows=sum(point.rows for point in there),
            loss=_spread([(p.rows, p.loss_low, p.loss_median, p.loss_high) for p in there]),
            confidence=_confidence([point for point in there if point.score_median is not None]),
        )
        for step, there in sorted(by_step.items())
    ]


def _confidence(points: Sequence[CurvePoint]) -> schemas.Spread | None:
    """Return exp of the scores, which keeps their order."""
    if not points:
        return None
    low, median, high = (
        [math.exp(getattr(point, name)) for point in points] for name in ("score_low", "score_median", "score_high")
    )
    return _spread(list(zip((point.rows for point in points), low, median, high, strict=True)))


def _spread(shards: Sequence[tuple[int, float, float, float]]) -> schemas.Spread:
    """Return the range over all rows, and the median of the shards' medians, weighted by rows."""
    ordered = sorted((median, rows) for rows, _, median, _ in shards)
    half, passed, median = sum(rows for _, rows in ordered) / 2, 0, ordered[-1][0]
    for value, rows in ordered:
        passed += rows
        if passed >= half:
            median = value
            break
    return schemas.Spread(low=min(s[1] for s in shards), median=median, high=max(s[3] for s in shards))


def _label(plan: Plan, attack: int) -> str:
    if attack >= len(plan.attacks):
        return f"attack {attack + 1}"
    one = plan.attacks[attack]
    return attack_label(one.name, one.setting, one.prior)
