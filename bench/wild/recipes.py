"""Runs the lines that a rejection prints, in the folder of the rejected file."""

from __future__ import annotations

import os
import textwrap
import warnings
from pathlib import Path
from typing import Any

import torch

WRITTEN = (
    *("model.safetensors", "two-outputs.safetensors", "model-new.pt", "model.onnx", "one-file.onnx"),
    *("images-new.zip", "images-new.npz"),
)


class NoRecipeError(ValueError):
    """The message has no lines of code."""


def code_of(detail: str) -> str:
    """Return the indented lines of a message. Raises: NoRecipeError."""
    lines = [line for line in detail.splitlines() if line.startswith("    ")]
    if not lines:
        raise NoRecipeError(detail)
    return textwrap.dedent("\n".join(lines))


def followed(detail: str, file: Path, names: dict[str, Any]) -> Path:
    """Run the recipe beside the file, with `names` defined, and return the file that it wrote.

    Raises: NoRecipeError, and whatever the recipe raises.
    """
    code, folder, before = code_of(detail), file.parent, Path.cwd()
    known = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    os.chdir(folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(code, dict(names))
    finally:
        os.chdir(before)
    made = [path for path in folder.iterdir() if known.get(path.name) != path.stat().st_mtime_ns]
    written = [path for path in made if path.name in WRITTEN]
    if len(written) != 1:
        raise NoRecipeError(f"the recipe wrote {[path.name for path in made]}")
    return written[0]


def owned(model: Any, side: int, channels: int) -> dict[str, Any]:
    """Return the names that a recipe for the owner of a model may use."""
    return {"model": model, "images": torch.rand(2, channels, side, side)}
