"""Who stands behind a caller, where something needs two people."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject
from app.db.models import ApiKey

PERSON = "person:"


async def people_behind(session: AsyncSession, subject: Subject) -> set[str]:
    """Return the names of a caller: its own, and for a key those of the people who made it.

    A key that another key made was made by whoever made that one.
    """
    names = {subject.name}
    if subject.key_id is not None:
        columns = (ApiKey.parent_id, ApiKey.created_by)
        chain = select(*columns).where(ApiKey.id == subject.key_id).cte(recursive=True)
        chain = chain.union(select(*columns).where(ApiKey.id == chain.c.parent_id))
        made_by = (await session.execute(select(chain.c.created_by))).scalars()
        names |= {name for name in made_by if name is not None and name.startswith(PERSON)}
    return names
