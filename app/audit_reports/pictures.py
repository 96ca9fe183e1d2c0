"""The reconstructions in a report: those of the most exposed, each revealed and logged."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit_reports.exposed import most_exposed
from app.audit_reports.facts import Facts, Person
from app.audits import reconstructions
from app.audits.reveal import Reveal
from app.auth.subject import Subject
from app.errors import GoneError

MOST = 24
"""Enough to see the worst cases."""
MOST_BYTES = 2_500_000
"""A report with large pictures has fewer, so that it stays below 5 MB."""


async def with_pictures(session: AsyncSession, subject: Subject, facts: Facts, reveal: Reveal) -> list[Person]:
    """Return the people, the most exposed with their reconstruction.

    Private images are never part of a report. Pictures of erased identities are left out.

    Raises: GoneError if all the pictures were deleted.
    """
    worst = most_exposed(facts)
    shown = size = 0
    gone: GoneError | None = None
    people = []
    for person in facts.people:
        identifier = person.outcome.reconstruction_id
        if identifier is None or person.outcome.name not in worst or shown == MOST or size > MOST_BYTES:
            people.append(person)
            continue
        try:
            png = await reconstructions.image(session, subject, identifier, reveal)
        except GoneError as error:
            gone = error
            people.append(person)
            continue
        people.append(replace(person, picture=png))
        shown, size = shown + 1, size + len(png)
    if gone is not None and not shown:
        raise gone
    return people
