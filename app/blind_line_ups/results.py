"""Results of a blind line-up, over the reviews that are finished."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import NamedTuple
from uuid import UUID

import anyio
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits.identities import VERIFIER
from app.auth.subject import Subject
from app.blind_line_ups import repository
from app.blind_line_ups.composition import NONE_OF_THESE, Kind
from app.blind_line_ups.reviewers import reader_of
from app.blind_line_ups.statistics import agreement, rate
from app.contract.blind_line_up import BlindLineUpResult, LineUpCounts, PeopleRate, VerifierBeside
from app.db.models import BlindLineUp, BlindLineUpReview, IdentityOutcome, Score
from app.errors import ConflictError
from app.sentences.blind_line_up import confirmed


class Given(NamedTuple):
    """One answer."""

    reviewer: str
    choice: int
    sure: bool
    seconds: float


class Asked(NamedTuple):
    """One item with its right answer, and all answers to it."""

    kind: Kind
    identity: int
    reconstruction: UUID | None
    answer: int
    given: tuple[Given, ...]

    def share(self, holds: Callable[[Given], bool]) -> float:
        """Return the share of answers of which this holds."""
        return sum(map(holds, self.given)) / len(self.given)

    @property
    def right(self) -> float:
        """The share of right answers."""
        return self.share(lambda one: one.choice == self.answer)


Judged = Mapping[str | None, Mapping[int, bool]]
"""By verifier, None for all together: whether it recognises the submission of an identity."""


async def read(session: AsyncSession, subject: Subject, line_up_id: UUID) -> BlindLineUpResult:
    """Return the results. A person who has not reviewed cannot begin a review afterwards.

    Raises: ConflictError while the caller reviews, or nobody has finished.
    """
    row = await repository.get_with_counts(session, subject, line_up_id)
    line_up: BlindLineUp = row[0]
    reader = reader_of(subject)
    own = None if reader is None else await repository.review(session, line_up.id, reader)
    _require_ended(own, ended=row.gone)
    asked, reviewers = await _asked(session, line_up)
    if not reviewers:
        raise ConflictError("no_review_finished", "No review of this blind line-up is finished.")
    if reader is not None and own is None:
        bar = insert(BlindLineUpReview).values(
            project_id=line_up.project_id,
            line_up_id=line_up.id,
            reviewer=reader,
            name=subject.name,
            results_read_at=datetime.now(UTC),
        )
        if await session.scalar(bar.on_conflict_do_nothing().returning(BlindLineUpReview.id)) is None:
            _require_ended(await repository.review(session, line_up.id, reader), ended=row.gone)  # begun meanwhile
    elif own is not None and own.finished_at is None and own.results_read_at is None:
        own.results_read_at = datetime.now(UTC)
    return await _document(session, line_up, asked, reviewers)


def _require_ended(own: BlindLineUpReview | None, *, ended: bool) -> None:
    """Raise `ConflictError` for a review that can still go on."""
    if own is not None and own.purpose is not None and own.finished_at is None and not ended:
        raise ConflictError("review_begun", "Finish your review first. Results are shown to those who have answered.")


async def _document(
    session: AsyncSession, line_up: BlindLineUp, asked: Sequence[Asked], reviewers: int
) -> BlindLineUpResult:
    """Resample in a thread, so that other requests do not wait."""
    judged = await _judged(session, line_up, asked)
    return await anyio.to_thread.run_sync(document, line_up, asked, reviewers, judged)


async def of_audit(session: AsyncSession, subject: Subject, audit_id: UUID) -> BlindLineUpResult | None:
    """Return the results of an audit's newest blind line-up that a review has finished.

    Returns None to a person who is reviewing it, or could still review it with any key.
    """
    finished = select(BlindLineUpReview.line_up_id).where(BlindLineUpReview.finished_at.is_not(None))
    wanted = repository.readable(subject).where(BlindLineUp.audit_id == audit_id, BlindLineUp.id.in_(finished))
    newest = wanted.order_by(BlindLineUp.created_at.desc()).limit(1)
    line_up = (await session.execute(newest)).scalar_one_or_none()
    if line_up is None:
        return None
    if (reader := reader_of(subject)) is not None:
        own = await repository.review(session, line_up.id, reader)
        if own is None or (own.finished_at is None and own.results_read_at is None):
            return None
    return await _document(session, line_up, *await _asked(session, line_up))


def document(line_up: BlindLineUp, asked: Sequence[Asked], reviewers: int, judged: Judged) -> BlindLineUpResult:
    """Return the results of answers. An item that nobody has answered does not count."""
    answered = [one for one in asked if one.given]
    made, controls, real = ([one for one in answered if one.kind is kind] for kind in Kind)
    sure = [one._replace(given=kept) for one in made if (kept := tuple(given for given in one.given if given.sure))]
    beside = [_beside(name, made, known) for name, known in judged.items()]
    kinds = Counter(one.kind for one in asked)
    seconds = [given.seconds for one in answered for given in one.given]
    specificity = rate([one.right for one in controls])
    return BlindLineUpResult(
        sentence=confirmed(beside[0].recognised, beside[0].confirmed, reviewers),
        candidates=line_up.candidates,
        chance=1 / line_up.candidates,
        reviewers=reviewers,
        items=LineUpCounts(**{kind.value: kinds[kind] for kind in Kind}),
        erased_items=line_up.erased_items,
        matched=rate([one.right for one in made]),
        others=rate([_of_another(one) for one in made]),
        matched_when_sure=rate([one.right for one in sure]),
        false_alarms=specificity and _opposite(specificity),
        sensitivity=rate([one.right for one in real]),
        specificity=specificity,
        agreement=agreement([{given.reviewer: given.choice for given in one.given} for one in (*made, *controls)]),
        seconds=median(seconds) if seconds else None,
        verifiers=beside,
    )


def _opposite(one: PeopleRate) -> PeopleRate:
    """Return the share of which this one is the rest."""
    return PeopleRate(value=1 - one.value, low=1 - one.high, high=1 - one.low, n=one.n)


def _of_another(one: Asked) -> float:
    return one.share(lambda given: given.choice not in {one.answer, NONE_OF_THESE})


def _beside(name: str | None, made: Sequence[Asked], known: Mapping[int, bool]) -> VerifierBeside:
    """Compare a verifier with the majority of the reviewers."""
    pairs = [(known[one.identity], one.right > 0.5) for one in made if one.identity in known]
    return VerifierBeside(
        name=name,
        recognised=sum(recognised for recognised, _ in pairs),
        confirmed=sum(recognised and matched for recognised, matched in pairs),
        people_only=sum(matched and not recognised for recognised, matched in pairs),
        of=len(pairs),
    )


async def _asked(session: AsyncSession, line_up: BlindLineUp) -> tuple[list[Asked], int]:
    given: dict[UUID, list[Given]] = {}
    for one in await repository.answers(session, line_up.id):
        own = Given(one.review_id.hex, one.choice, one.sure, one.seconds)
        given.setdefault(one.item_id, []).append(own)
    finished = select(func.count()).where(
        BlindLineUpReview.line_up_id == line_up.id, BlindLineUpReview.finished_at.is_not(None)
    )
    asked = [
        Asked(Kind(item.kind), item.identity, item.reconstruction_id, item.answer, tuple(given.get(item.id, ())))
        for item in await repository.items(session, line_up.id)
    ]
    return asked, await session.scalar(finished) or 0


async def _judged(session: AsyncSession, line_up: BlindLineUp, asked: Sequence[Asked]) -> Judged:
    outcomes = select(IdentityOutcome.identity, IdentityOutcome.verified).where(
        IdentityOutcome.audit_id == line_up.audit_id, IdentityOutcome.verified.is_not(None)
    )
    judged: dict[str | None, dict[int, bool]] = {
        None: {row.identity: row.verified for row in await session.execute(outcomes)}
    }
    shown = {one.reconstruction: one.identity for one in asked if one.kind is Kind.RECONSTRUCTION}
    scores = select(Score).where(Score.reconstruction_id.in_(shown), Score.kind == VERIFIER).order_by(Score.judge)
    for score in await session.scalars(scores):
        own = judged.setdefault(score.judge, {})
        own[shown[score.reconstruction_id]] = score.rank == 1 and score.passed
    return judged
