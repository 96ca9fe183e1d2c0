"""Architectures by name, from the engine's list; read as a file, because the API never imports the engine."""

import difflib
import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from app.errors import UnprocessableError

SUGGESTIONS = 5
AUTO = "auto"
"""In place of a name: the intake finds the architecture by the names and shapes of the weights."""


@lru_cache(maxsize=1)
def architectures() -> tuple[str, ...]:
    """Every name the engine can build, such as `timm/resnet18`."""
    spec = find_spec("worker")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package `worker` is missing: install exhume again")
    file = Path(next(iter(spec.submodule_search_locations))) / "inversion" / "architectures.json"
    return tuple(sorted(json.loads(file.read_text())))


def search(query: str, limit: int) -> list[str]:
    """Names that contain every word of the query; those that begin with it come first."""
    words = query.lower().split()
    found = [name for name in architectures() if all(word in name.lower() for word in words)]
    start = query.lower()
    return sorted(found, key=lambda name: (not name.rpartition("/")[2].lower().startswith(start), name))[:limit]


def nearest(name: str) -> list[str]:
    """The names most like this one, with and without the library in front."""
    whole = difflib.get_close_matches(name, architectures(), n=SUGGESTIONS, cutoff=0.6)
    tails: dict[str, list[str]] = {}
    for known in architectures():
        tails.setdefault(known.rpartition("/")[2], []).append(known)
    close = difflib.get_close_matches(name.rpartition("/")[2].lower(), tails, n=SUGGESTIONS, cutoff=0.6)
    exact = tails.get(name.rpartition("/")[2], [])
    return list(dict.fromkeys([*exact, *whole, *(known for tail in close for known in tails[tail])]))[:SUGGESTIONS]


def check(name: str) -> None:
    """`UnprocessableError`, with the nearest names, unless the engine can build this."""
    if name == AUTO or name in architectures():
        return
    near = nearest(name)
    hint = f"did you mean {', '.join(near)}?" if near else "see GET /api/v1/architectures?query=…"
    raise UnprocessableError(
        "unknown_architecture", f"There is no architecture {name!r}; {hint}", errors=[{"nearest": near}]
    )
