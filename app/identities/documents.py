"""Puts a pseudonym in place of a name in every stored document that may hold it."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, func, or_, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.models import (
    Decision,
    IdentityOutcome,
    Job,
    JobEvent,
    Notification,
    Release,
    WebhookDelivery,
)
from app.identities.finding import Found, waivers_of, written_by_people
from app.identities.pseudonyms import Pseudonym
from app.sentences.erasure import erased_in_result

LONGEST_REASON = 500
OF_AUDIT = ("result", "plan", "estimate", "problem")
OF_RELEASE = ("replaced", "examination", "problem")
ALLOW = text("SELECT set_config('exhume.erasing', :to, true)")
"""While it is `yes`, the trigger of decisions lets this transaction edit them."""


def rename(session: Session, found: Found, pseudonym: Pseudonym, now: datetime) -> None:
    """Replace the names of an identity. Digests in the documents stay those of what was made."""
    waivers, others = waivers_of(session, found), written_by_people(session, found)
    pseudonym = pseudonym.with_waivers(waivers, [one.reason for one in others])
    for waiver in waivers:
        waiver.finding = pseudonym.text
    for written in (*waivers, *others):
        written.reason = pseudonym.in_words(written.reason)[:LONGEST_REASON]
    for one in found.classes:
        classes = list(one.row.classes)
        classes[one.index] = pseudonym.text
        one.row.classes = classes
    for release in {one.row.id: one.row for one in found.classes}.values():
        _rewrite(release, OF_RELEASE, pseudonym)
    for audit in found.audits:
        _rewrite(audit, OF_AUDIT, pseudonym)
        if audit.result is not None:
            said = erased_in_result(pseudonym.text, now)
            audit.result = audit.result | {"notes": [*audit.result.get("notes", []), said]}
        if indices := found.indices(audit):
            own = (IdentityOutcome.audit_id == audit.id, IdentityOutcome.identity.in_(indices))
            session.execute(update(IdentityOutcome).where(*own).values(name=pseudonym.text))
    session.execute(ALLOW, {"to": "yes"})
    for row, column in _naming(session, found, pseudonym):
        _rewrite(row, (column,), pseudonym)
    for decision in _repeating(session, found, pseudonym):
        decision.document = pseudonym.in_reasons(decision.document)
    session.flush()
    session.execute(ALLOW, {"to": "no"})


def _rewrite(row: Any, columns: tuple[str, ...], pseudonym: Pseudonym) -> None:
    for column in columns:
        before = getattr(row, column)
        after = pseudonym.in_document(before, column)
        if after != before:
            setattr(row, column, after)


def _repeating(session: Session, found: Found, pseudonym: Pseudonym) -> Sequence[Decision]:
    """Return decisions on other audits of the project that repeat a reason with the name."""
    others = (Decision.project_id == found.project_id, Decision.audit_id.not_in([one.id for one in found.audits]))
    written = [json.dumps(reason, ensure_ascii=False)[1:-1] for reason in sorted(pseudonym.reasons)]
    holds = or_(False, *(func.strpos(cast(Decision.document, Text), reason) > 0 for reason in written))
    return session.scalars(select(Decision).where(*others, holds)).all()


def _naming(session: Session, found: Found, pseudonym: Pseudonym) -> Iterator[tuple[Any, str]]:
    """Yield the rows whose document may hold a name, with its column."""
    audits = [one.id for one in found.audits]
    columns: tuple[tuple[type[Any], InstrumentedAttribute[Any], Any], ...] = (
        (Job, Job.result, Job.audit_id.in_(audits)),
        (Job, Job.problem, Job.audit_id.in_(audits)),
        (JobEvent, JobEvent.payload, JobEvent.audit_id.in_(audits)),
        (Decision, Decision.document, Decision.audit_id.in_(audits)),
        (Notification, Notification.payload, Notification.project_id == found.project_id),
        (WebhookDelivery, WebhookDelivery.payload, WebhookDelivery.project_id == found.project_id),
        (Release, Release.replaced, Release.project_id == found.project_id),
    )
    written = [json.dumps(name, ensure_ascii=False)[1:-1] for name in sorted(pseudonym.written)]
    for table, column, where in columns:
        holds = or_(*(func.strpos(cast(column, Text), name) > 0 for name in written))
        for row in session.scalars(select(table).where(where, holds)):
            yield row, column.key
