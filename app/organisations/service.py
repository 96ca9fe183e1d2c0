"""Creating and listing organisations."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.subject import Subject
from app.db.models import Organisation
from app.errors import ConflictError
from app.kit.ids import public_id
from app.kit.listing import Listing, listed, text_of
from app.kit.unique import unique_violation
from app.organisations import repository, schemas

LISTING = Listing(
    Organisation.id,
    sorts={"created_at": Organisation.created_at, "name": Organisation.name},
    search=text_of(Organisation.name),
    prefix="org",
)


async def create(session: AsyncSession, subject: Subject, body: schemas.OrganisationCreate) -> schemas.Organisation:
    """Create an organisation. Only the operator can do this."""
    subject.require_operator()
    organisation = Organisation(name=body.name)
    taken = ConflictError("name_taken", f"An organisation named {body.name!r} already exists.")
    async with unique_violation(session, taken):
        session.add(organisation)
        await session.flush()
    await session.refresh(organisation)
    await audit_log.write(
        session,
        subject,
        "organisation.created",
        public_id("org", organisation.id),
        project_id=None,
        organisation_id=organisation.id,
        details={"name": organisation.name},
    )
    return schemas.Organisation.model_validate(organisation)


async def page(session: AsyncSession, subject: Subject, asked: schemas.OrganisationQuery) -> schemas.OrganisationPage:
    """List the organisations that the subject may see, newest first."""
    rows, following = await listed(session, repository.readable(subject), LISTING, asked)
    items = [schemas.Organisation.model_validate(row[0]) for row in rows]
    return schemas.OrganisationPage(items=items, next_cursor=following)
