"""The result of an audit, and the outcome of each identity with the scores behind it."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import repository
from app.audits import result_schemas as schemas
from app.auth.subject import Subject, within
from app.db.models import IdentityOutcome, Reconstruction, Score
from app.errors import ConflictError, NotFoundError
from app.kit.cursor import Keyset, fetch_page

BY_IDENTITY = Keyset((IdentityOutcome.identity.expression,))
ATTACK = "attack"
PRIOR_CONTROL = "prior"  # the control whose image is shown beside the attack's
VERIFIER = "verifier"


async def result(session: AsyncSession, subject: Subject, audit_id: UUID) -> schemas.Result:
    """The result document; a conflict while there is none."""
    audit = await repository.get(session, subject, audit_id)
    if audit.result is None:
        raise ConflictError("no_result", f"This audit is {audit.state} and has no result; follow its events.")
    return schemas.Result.model_validate(audit.result)


async def regression(session: AsyncSession, subject: Subject, audit_id: UUID) -> schemas.Regression:
    """What the score stage found when it compared with the release before."""
    found = await result(session, subject, audit_id)
    document = (found.model_extra or {}).get("regression")
    if document is None:
        raise NotFoundError("no_regression", "This audit was scored before releases were compared; audit again.")
    return schemas.Regression.model_validate(document)


async def identities(
    session: AsyncSession, subject: Subject, audit_id: UUID, *, limit: int, cursor: str | None
) -> schemas.IdentityPage:
    """The outcomes, by class index."""
    audit = await repository.get(session, subject, audit_id)
    statement = within(select(IdentityOutcome), IdentityOutcome.project_id, subject)
    statement = statement.where(IdentityOutcome.audit_id == audit.id)
    rows, following = await fetch_page(session, statement, BY_IDENTITY, limit=limit, cursor=cursor)
    outcomes: list[IdentityOutcome] = [row[0] for row in rows]
    submitted = await _submitted(session, audit.id, [outcome.identity for outcome in outcomes])
    items = [_document(outcome, submitted[outcome.identity]) for outcome in outcomes]
    return schemas.IdentityPage(items=items, next_cursor=following)


Submitted = dict[str, tuple[UUID, list[Score]]]  # by source


async def _submitted(session: AsyncSession, audit_id: UUID, numbers: Sequence[int]) -> dict[int, Submitted]:
    """The submitted reconstructions of these identities with their scores."""
    statement = (
        select(Reconstruction.id, Reconstruction.identity, Reconstruction.source, Score)
        .outerjoin(Score, Score.reconstruction_id == Reconstruction.id)
        .where(Reconstruction.audit_id == audit_id, Reconstruction.submitted, Reconstruction.identity.in_(numbers))
        .order_by(Reconstruction.identity, Reconstruction.source, Score.kind.desc(), Score.judge)
    )
    found: dict[int, Submitted] = defaultdict(dict)
    for identifier, identity, source, score in (await session.execute(statement)).all():
        scores = found[identity].setdefault(source, (identifier, []))[1]
        if score is not None:
            scores.append(score)
    return found


def _document(outcome: IdentityOutcome, submitted: Submitted) -> schemas.Identity:
    attack_id, scores = submitted.get(ATTACK, (None, []))
    control_id, _ = submitted.get(PRIOR_CONTROL, (None, []))
    verifiers = [score for score in scores if score.kind == VERIFIER and score.similarity is not None]
    # The verifier furthest below (or least above) its threshold is the one that decides.
    deciding = min(verifiers, key=lambda score: (score.similarity or 0) - (score.threshold or 0), default=None)
    own = ("identity", "name", "verified", "control_verified", "evaluator_top1", "evaluator_top5", "target_top1")
    return schemas.Identity(
        **{name: getattr(outcome, name) for name in own},
        similarity=outcome.similarity,
        details=outcome.details,
        threshold=deciding.threshold if deciding else None,
        rank=max((score.rank for score in verifiers), default=None),
        reconstruction_id=attack_id,
        control_reconstruction_id=control_id,
        nearest_reference=deciding.nearest_reference if deciding else None,
        scores=[schemas.Score.model_validate(score) for score in scores],
    )
