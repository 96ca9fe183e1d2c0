"""Current and newest revision of the database, without Alembic, which needs 11 MB."""

import ast
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession


def migrations_folder() -> Path:
    """Return the folder `migrations` of this installation."""
    spec = find_spec("migrations")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package `migrations` is missing: reinstall exhume")
    return Path(next(iter(spec.submodule_search_locations)))


@lru_cache(maxsize=1)
def newest() -> str:
    """Return the revision that no other revision follows."""
    revisions: dict[str, str | None] = {}
    for file in (migrations_folder() / "versions").glob("*.py"):
        constants = _constants(file)
        revisions[str(constants["revision"])] = constants["down_revision"]
    (head,) = set(revisions) - set(revisions.values())
    return head


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


async def current(session: AsyncSession) -> str | None:
    """Return the revision of the database, or None before the first migration."""
    try:
        return (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    except ProgrammingError:
        return None
