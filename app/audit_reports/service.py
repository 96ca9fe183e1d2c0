"""Reports of audits: gathered in one transaction, rendered after it, so none waits for a PDF."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import anyio
from sqlalchemy.ext.asyncio import AsyncSession

from app import __version__
from app.audit_reports.facts import Facts, Made
from app.audit_reports.gathering import gathered
from app.audit_reports.model_card import model_card
from app.audit_reports.page import Paper, page
from app.audit_reports.pdf import Typesetter
from app.audit_reports.pictures import with_pictures
from app.audits.reveal import Reveal, asked_of_report, refusals_logged
from app.auth import audit_log
from app.auth.subject import Subject
from app.contract.report_formats import AuditReportFormat
from app.db.transaction import committed
from app.errors import UnprocessableError
from app.kit.ids import public_id


async def report(
    subject: Subject,
    typesetter: Typesetter,
    audit_id: UUID,
    wanted: AuditReportFormat,
    *,
    paper: Paper,
    names: bool,
    pictures: bool,
    reveal: Reveal,
) -> bytes:
    """Return the report of an audit.

    One that shows names or reconstructions is logged before it is made.
    """
    if reveal.original and wanted == "md":
        detail = "A section for a model card has no names and no reconstructions. Ask for html or pdf."
        raise UnprocessableError("model_card_is_public", detail)
    async with committed() as session, refusals_logged(session, subject, reveal, asked_of_report(audit_id)):
        reveal.check(subject)
        made = Made(subject.name, datetime.now(UTC), __version__, names, pictures, reveal.purpose)
        facts = await gathered(session, subject, audit_id, made)
        if reveal.original:
            facts = await _revealed(session, subject, facts, reveal, wanted)
    if wanted == "md":
        return (await anyio.to_thread.run_sync(model_card, facts)).encode()
    html = await anyio.to_thread.run_sync(page, facts, paper)
    return html.encode() if wanted == "html" else await typesetter.pdf(html)


async def _revealed(
    session: AsyncSession, subject: Subject, facts: Facts, reveal: Reveal, wanted: AuditReportFormat
) -> Facts:
    """Log the report, and return the facts with pictures if it has them."""
    if facts.made.pictures:
        facts = replace(facts, people=await with_pictures(session, subject, facts, reveal))
    shown = [
        public_id("rec", one.outcome.reconstruction_id)
        for one in facts.people
        if one.picture is not None and one.outcome.reconstruction_id is not None
    ]
    details = {"purpose": reveal.purpose, "format": wanted, "names": facts.made.names, "pictures": shown}
    identifier = public_id("aud", facts.audit.id)
    await audit_log.write(
        session, subject, "report.revealed", identifier, project_id=facts.audit.project_id, details=details
    )
    return facts
