"""Which code computed a result."""

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

ENGINE = ("inversion", "evaluation")


@lru_cache(maxsize=1)
def code_version() -> dict[str, str]:
    """The installed version, and one SHA-256 over the source files of the engine and of the evaluation."""
    root = Path(__file__).resolve().parents[1]
    whole = hashlib.sha256()
    for file in sorted(file for folder in ENGINE for file in (root / folder).rglob("*.py")):
        whole.update(f"{file.relative_to(root).as_posix()}\0".encode() + file.read_bytes())
    return {"exhume": version("exhume"), "engine": f"sha256:{whole.hexdigest()}"}
