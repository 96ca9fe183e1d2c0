"""Current and newest revision of the database, without Alembic, which needs 11 MB.

While a new version is rolled out, processes of two versions share a database. A migration that an
older version cannot work with says `breaks_older = True`. `exhume migrate` writes the last of
these into the database, where older versions read whether the newer schema suits them.
"""

import ast
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

STATE = text("SELECT version_num, obj_description('alembic_version'::regclass) FROM alembic_version")


@dataclass(frozen=True)
class Schema:
    """The schema of a database: its revision, and the oldest revision whose code can use it."""

    revision: str | None = None
    works_from: str | None = None

    @property
    def fault(self) -> tuple[str, str] | None:
        """Why this version cannot use the schema and how to fix it, or None."""
        needed = newest()
        if self.revision is None or self.revision < needed:
            return f"at {self.revision or 'nothing'}, but this version needs {needed}", "run `exhume migrate`"
        if self.revision > needed and (self.works_from is None or self.works_from > needed):
            return f"at {self.revision}, which this version ({needed}) cannot use", "upgrade it"
        return None

    @property
    def state(self) -> str:
        """Where a usable schema is."""
        suits = "the newest" if self.revision == newest() else "of a newer version, which this version can use"
        return f"at {self.revision}, {suits}"

    @property
    def problem(self) -> str | None:
        """The fault as one line, or None."""
        return None if self.fault is None else f"the database is {': '.join(self.fault)}"


def migrations_folder() -> Path:
    """Return the folder `migrations` of this installation."""
    spec = find_spec("migrations")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package `migrations` is missing: reinstall exhume")
    return Path(next(iter(spec.submodule_search_locations)))


@lru_cache(maxsize=1)
def newest() -> str:
    """Return the revision that no other revision follows."""
    revisions = {one["revision"]: one["down_revision"] for one in _migrations()}
    (head,) = set(revisions) - set(revisions.values())
    return str(head)


def known() -> set[str]:
    """Return all revisions of this installation."""
    return {str(one["revision"]) for one in _migrations()}


@lru_cache(maxsize=1)
def works_from() -> str:
    """Return the oldest revision whose code can use this version's schema."""
    return max(str(one["revision"]) for one in _migrations() if one["down_revision"] is None or breaks(one))


def breaks(migration: dict[str, str | None]) -> bool:
    """Tell whether a migration says that older versions cannot work with it."""
    return migration.get("breaks_older") == "True"


def _migrations() -> list[dict[str, str | None]]:
    return [_constants(file) for file in (migrations_folder() / "versions").glob("*.py")]


def _constants(file: Path) -> dict[str, str | None]:
    """Read the top-level assignments of plain values from a migration without running it."""
    found: dict[str, str | None] = {}
    for node in ast.parse(file.read_text()).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.targets[0], ast.Name)
        ):
            value = node.value.value
            found[node.targets[0].id] = None if value is None else str(value)
    return found


async def current(session: AsyncSession) -> Schema:
    """Return the schema of the database. It has no revision before the first migration."""
    return await session.run_sync(schema_of)


def schema_of(session: Session) -> Schema:
    """Return the schema of the database. It has no revision before the first migration."""
    try:
        row = session.execute(STATE).one_or_none()
    except ProgrammingError:
        return Schema()
    return Schema() if row is None else Schema(row[0], row[1])
