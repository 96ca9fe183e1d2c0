"""The version of the code that computed a result."""

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

ENGINE = ("inversion", "evaluation")


@lru_cache(maxsize=1)
def code_version() -> dict[str, str]:
    """Return the installed version, and a SHA-256 of the sources of engine and evaluation."""
    root = Path(__file__).resolve().parents[1]
    whole = hashlib.sha256()
    for file in sorted(file for folder in ENGINE for file in (root / folder).rglob("*.py")):
        whole.update(f"{file.relative_to(root).as_posix()}\0".encode() + file.read_bytes())
    return {"exhume": version("exhume"), "engine": f"sha256:{whole.hexdigest()}"}
