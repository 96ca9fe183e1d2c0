"""Architectures by name: search, and the check of a declared one."""

from app.errors import UnprocessableError
from app.formats.architectures import AUTO
from app.formats.declared import architecture_names, nearest


def search(query: str, limit: int) -> list[str]:
    """Return names that contain every word of the query, those that begin with it first."""
    words = query.lower().split()
    found = [name for name in architecture_names() if all(word in name.lower() for word in words)]
    start = query.lower()
    return sorted(found, key=lambda name: (not name.rpartition("/")[2].lower().startswith(start), name))[:limit]


def check(name: str) -> None:
    """Raise `UnprocessableError`, with the nearest names, unless the engine can build this."""
    if name == AUTO or name in architecture_names():
        return
    near = nearest(name)
    hint = f"Did you mean {', '.join(near)}?" if near else "See GET /api/v1/architectures?query=…"
    raise UnprocessableError(
        "unknown_architecture", f"There is no architecture {name!r}. {hint}", errors=[{"nearest": near}]
    )
