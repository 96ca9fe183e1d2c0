"""A repository with a gate file and the files that it names."""

import json
from pathlib import Path
from typing import Any

import yaml

DESCRIPTION = {"convention": {"height": 8, "width": 8, "channels": 1}, "classes": ["ada", "bob"]}
MANIFEST: dict[str, Any] = {
    "target": "badge-reader",
    "checkpoint": {"path": "model.safetensors", "description": "model.json"},
    "data": {"public": {"file": "public.zip"}, "private": {"file": "private.zip"}},
    "plan": {"effort": "quick"},
    "policy": {"budgets": {"white_box": 0.9}},
    "rights": {"declared_by": "Dana Kim", "statement": "We trained this model."},
}


def write_folder(folder: Path, **changes: Any) -> Path:
    """Write the files, and return the gate file. Changes replace keys of it."""
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "model.json").write_text(json.dumps(DESCRIPTION))
    for name in ("public", "private"):
        (folder / f"{name}.zip").write_bytes(name.encode())
    file = folder / "exhume.yaml"
    file.write_text(yaml.safe_dump(MANIFEST | changes, sort_keys=False))
    return file
