"""The document of an export: everything that rows say about an identity."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from app.contract import identity as contract
from app.contract.likeness import Likeness
from app.db.models import Audit, Decision, IdentityOutcome, Reconstruction, Score, Waiver
from app.identities.finding import Found, waivers_of, written_by_people
from app.identities.log_lines import log_lines
from app.identities.preview import pictures_of
from app.identities.pseudonyms import Pseudonym
from app.kit.ids import public_id

Files = Mapping[UUID, str]
"""Names in the archive of the pictures that are left, by reconstruction."""
OUTCOME = (
    *("identity", "name", "verified", "control_verified", "evaluator_top1", "evaluator_top5", "target_top1"),
    *("similarity", "details"),
)
SCORE = ("judge", "kind", "rank", "similarity", "threshold", "passed")


def held(
    session: Session, found: Found, places: Sequence[Sequence[int]], files: Files, *, by: str, purpose: str
) -> contract.HeldIdentity:
    """Return everything that rows hold about an identity."""
    images = [
        contract.HeldImage(dataset=public_id("dst", row.id), index=place, file=image_file(row.id, place))
        for row, own in zip(found.datasets, places, strict=True)
        for place in own
    ]
    of_identity = select(Reconstruction).where(pictures_of(found)).order_by(Reconstruction.id)
    made = session.scalars(of_identity.options(defer(Reconstruction.sealed_image, raiseload=True))).all()
    log, since = log_lines(session, found, places, made)
    return contract.HeldIdentity(
        exported_at=datetime.now(UTC),
        exported_by=by,
        purpose=purpose,
        names=[
            contract.NameInSet(dataset=public_id("dst", one.row.id), dataset_name=one.row.name, name=one.name)
            for one in found.sets
        ],
        images=images,
        classes=[
            contract.HeldClass(
                release=public_id("rel", one.row.id),
                version=one.row.version,
                digest=one.row.sha256 and f"sha256:{one.row.sha256}",
                index=one.index,
                name=one.name,
            )
            for one in found.classes
        ],
        audits=_audits(session, found, made, files),
        decisions=_decisions(session, found),
        waivers=_waivers(session, found),
        log=log,
        images_logged_since=since,
    )


def image_file(dataset_id: UUID, place: int) -> str:
    """Return the name of a private image in the archive."""
    return f"images/{public_id('dst', dataset_id)}/{place}.png"


def picture_file(row: Reconstruction) -> str:
    """Return the name of a reconstruction in the archive."""
    return f"reconstructions/{public_id('aud', row.audit_id)}/{public_id('rec', row.id)}.png"


def film_file(row: Reconstruction) -> str:
    """Return the name of the film of a reconstruction in the archive."""
    return picture_file(row).replace(".png", "-film.png")


def _audits(session: Session, found: Found, made: Sequence[Reconstruction], files: Files) -> list[contract.HeldAudit]:
    ids = [one.id for one in found.audits]
    outcomes: dict[UUID, IdentityOutcome] = {}
    for outcome in session.scalars(select(IdentityOutcome).where(IdentityOutcome.audit_id.in_(ids))):
        if any(one.id == outcome.audit_id and outcome.identity in found.indices(one) for one in found.audits):
            outcomes[outcome.audit_id] = outcome
    scores: dict[UUID, list[contract.HeldScore]] = defaultdict(list)
    given = select(Score).where(Score.reconstruction_id.in_([one.id for one in made])).order_by(Score.judge)
    for score in session.scalars(given):
        fields: dict[str, Any] = {name: getattr(score, name) for name in SCORE}
        likeness = Likeness.model_validate(score.details)
        scores[score.reconstruction_id].append(contract.HeldScore(**fields, likeness=likeness))
    pictures: dict[UUID, list[contract.HeldReconstruction]] = defaultdict(list)
    for row in made:
        pictures[row.audit_id].append(_reconstruction(row, scores[row.id], files.get(row.id)))
    return [_audit(one, outcomes.get(one.id), pictures[one.id]) for one in found.audits]


def _reconstruction(
    row: Reconstruction, scores: list[contract.HeldScore], file: str | None
) -> contract.HeldReconstruction:
    own = ("source", "attack", "seed", "restart", "submitted", "digest", "target_score", "target_confidence")
    fields: dict[str, Any] = {name: getattr(row, name) for name in own}
    film = film_file(row) if file and row.film_steps else None
    return contract.HeldReconstruction(
        **fields, id=public_id("rec", row.id), scores=scores, file=file, film=film, film_steps=row.film_steps
    )


def _audit(
    audit: Audit, outcome: IdentityOutcome | None, pictures: list[contract.HeldReconstruction]
) -> contract.HeldAudit:
    private = audit.private_dataset_id
    return contract.HeldAudit(
        audit=public_id("aud", audit.id),
        release=public_id("rel", audit.release_id),
        private_dataset=public_id("dst", private) if private else None,
        state=audit.state,
        verdict=audit.verdict,
        created_at=audit.created_at,
        outcome=None if outcome is None else {name: getattr(outcome, name) for name in OUTCOME},
        reconstructions=pictures,
    )


def _decisions(session: Session, found: Found) -> list[contract.HeldDecision]:
    pseudonym = Pseudonym(found.names, "").with_waivers(waivers_of(session, found))
    made = select(Decision).where(Decision.audit_id.in_([one.id for one in found.audits])).order_by(Decision.id)
    return [
        contract.HeldDecision(
            decision=public_id("dec", one.id),
            audit=public_id("aud", one.audit_id),
            outcome=one.outcome,
            at=one.created_at,
        )
        for one in session.scalars(made)
        if pseudonym.in_document(one.document) != one.document
    ]


def _waivers(session: Session, found: Found) -> list[contract.HeldWaiver]:
    return [
        contract.HeldWaiver(
            waiver=public_id("wai", one.id), reason=one.reason, asked_by=one.asked_by, approved_by=one.approved_by
        )
        for one in (*waivers_of(session, found), *written_by_people(session, found))
        if isinstance(one, Waiver)
    ]
