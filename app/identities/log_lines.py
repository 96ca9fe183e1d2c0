"""The entries of the audit log about the pictures of one identity."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Text, and_, any_, literal, or_, select, true
from sqlalchemy.orm import Session

from app.blind_line_ups.log import DELETED, ITEM_SHOWN, keyed
from app.contract.identity import LogLine
from app.db.models import AuditLogEntry, BlindLineUp, Reconstruction
from app.identities.finding import Found
from app.identities.numbering import PLACES, Numbering, numberings, overlap
from app.kit.ids import public_id

EXPORTED = "identity.exported"
SHOWN = ("image.revealed", "image.reveal_refused", ITEM_SHOWN, EXPORTED)


def log_lines(
    session: Session, found: Found, places: Sequence[Sequence[int]], made: Sequence[Reconstruction]
) -> tuple[list[LogLine], datetime | None]:
    """Return the entries that name pictures of the identity, oldest first, and none of others.

    Args:
        places: where its private images are, for each data set of `found`.
        made: its reconstructions and controls.

    Returns:
        The entries, and since when entries about private images are listed: None for always.
    """
    numbered, since = numberings(session, found, places)
    own = (AuditLogEntry.project_id == found.project_id,)
    seeds = _seeds(session, found)
    entries = {one.seq: one for one in session.scalars(showing(found, numbered, made, seeds).where(*own))}
    exports = select(AuditLogEntry).where(*own, AuditLogEntry.action == EXPORTED, AuditLogEntry.details.has_key(PLACES))
    entries |= {one.seq: one for one in session.scalars(exports) if _exported(one, numbered)}
    lines = [
        LogLine(at=one.at, actor=one.actor, action=one.action, subject=one.subject, purpose=one.details.get("purpose"))
        for _, one in sorted(entries.items())
    ]
    return lines, since


def showing(
    found: Found, numbered: Iterable[Numbering], made: Sequence[Reconstruction], seeds: Collection[str]
) -> Select[AuditLogEntry]:
    """Select the entries that name pictures: `made`, or private images by their numberings."""
    pictures = {public_id("rec", one.id) for one in made} | {f"{public_id('rec', one.id)}/film" for one in made}
    about = [_naming(pictures, seeds)] if pictures else []
    about += [and_(_between(one), _naming(one.names, seeds, _references(found, one))) for one in numbered]
    return select(AuditLogEntry).where(AuditLogEntry.action.in_(SHOWN), or_(False, *about))


def _between(numbering: Numbering) -> ColumnElement[bool]:
    before = true() if numbering.before is None else AuditLogEntry.seq < numbering.before
    return and_(AuditLogEntry.seq > numbering.after, before)


def _naming(pictures: Collection[str], seeds: Collection[str], others: Iterable[str] = ()) -> ColumnElement[bool]:
    """Return the condition that an entry is about a picture or lists one, also by keyed digest.

    `others` are further names that an entry may be about. Each list is one parameter of the
    statement, which has at most 65,535.
    """
    listed = {*pictures, *(keyed(seed, one) for seed in seeds for one in pictures)}
    shown = AuditLogEntry.details["pictures"].has_any(_texts(listed))
    return or_(AuditLogEntry.subject == any_(_texts({*pictures, *others})), shown)


def _texts(names: Collection[str]) -> ColumnElement[Any]:
    return literal(sorted(names), ARRAY(Text))


def _references(found: Found, numbering: Numbering) -> Iterator[str]:
    """Yield how rejected requests name the images: by the audit whose private set they are in."""
    for audit in found.audits:
        if audit.private_dataset_id and public_id("dst", audit.private_dataset_id) == numbering.dataset:
            yield from (f"{public_id('aud', audit.id)}/references/{place}" for place in numbering.places)


def _exported(entry: AuditLogEntry, numbered: Iterable[Numbering]) -> bool:
    """Tell whether an earlier export has images of the identity."""
    spans = entry.details[PLACES]
    return any(overlap(spans.get(one.dataset, []), one.places) for one in numbered if one.holds(entry.seq))


def _seeds(session: Session, found: Found) -> list[str]:
    """Return the seeds of all blind line-ups of the audits. The log has those of deleted ones."""
    audits = [one.id for one in found.audits]
    left = session.scalars(select(BlindLineUp.seed).where(BlindLineUp.audit_id.in_(audits)))
    deleted = select(AuditLogEntry.details["seed"].astext).where(
        AuditLogEntry.project_id == found.project_id,
        AuditLogEntry.action == DELETED,
        AuditLogEntry.details.has_key("seed"),
        AuditLogEntry.details["audit"].astext.in_([public_id("aud", one) for one in audits]),
    )
    return [*left, *session.scalars(deleted)]
