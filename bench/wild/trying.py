"""Hands a case to the checks, and judges what comes of it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.formats.descriptions import DescriptionError, read_description
from app.formats.local_files import one_file
from app.formats.second_file import Joined, joined
from bench.wild.building import Made, build
from bench.wild.case import ACCEPTED, Case, Checkpoint, Described, ImageSet, cases
from bench.wild.recipes import NoRecipeError, followed, owned
from worker.intake import Refused, ReleaseIntake, check_dataset_file, check_release_file
from worker.inversion.targets import InputConvention, load_target

RIGHT, RECIPE, WRONG = "accepted and right", "rejected with a recipe that works", "wrong"


@dataclass(frozen=True)
class Tried:
    """Outcome of one case. `why`: what is wrong, or the code of the rejection."""

    case: str
    outcome: str
    why: str
    seconds: float
    """Seconds until the file was accepted or rejected."""


def tried(*, only: str = "", large: bool = True) -> Iterator[Tried]:
    """Try every case whose name contains `only`."""
    for case in cases():
        if only in case.name and (large or not case.large):
            with tempfile.TemporaryDirectory(prefix="exhume-wild-") as folder:
                yield try_one(case, Path(folder))


def try_one(case: Case, folder: Path) -> Tried:
    """Build a case in an empty folder, and try it."""
    made = build(case, folder)
    began = time.perf_counter()
    try:
        notes, wrong = _checked(made, folder)
    except Refused as refusal:
        seconds = time.perf_counter() - began
        return Tried(case.name, *_judged(case, made, refusal), seconds)
    seconds = time.perf_counter() - began
    if case.answer != ACCEPTED:
        wrong = f"accepted, but the right answer is {case.answer}"
    elif not wrong and not any(case.note in note for note in notes or [""]):
        wrong = f"no note has {case.note!r}: {notes}"
    return Tried(case.name, WRONG if wrong else RIGHT, wrong, seconds)


def _checked(made: Made, folder: Path) -> tuple[list[str], str]:
    """Return the notes of an accepted file, and what is wrong with it. Raises: Refused."""
    out = folder / "checked"
    match made:
        case Checkpoint(file, original, description):
            whole = joined(file, made.heads, None, None) if made.heads else nullcontext(Joined(file))
            with whole as one, one_file(one.file) as upload:
                found = check_release_file(upload, **description, out=out)
            wrong = "" if original is None else _compared(out, found, made)
            return found.examination.notes, wrong
        case ImageSet(file, images):
            intake = check_dataset_file(file, out)
            return intake.notes, _difference(out, intake.identities, images)
        case Described(file, understood):
            try:
                read = read_description(file.read_bytes())
            except DescriptionError as error:
                raise Refused("description", str(error)) from None
            return [], "" if read == understood else f"understood as {read}"


def _compared(out: Path, found: ReleaseIntake, made: Checkpoint) -> str:
    """Compare the outputs of the checked copy with those of the original network."""
    original, description = made.original, made.description
    assert original is not None
    convention = InputConvention.from_dict(description["convention"])
    classes = len(description["classes"])
    target = load_target(out, found.architecture, found.hyperparameters, classes, convention)
    target.outputs = found.examination.outputs
    side = (convention.channels, convention.height, convention.width)
    images = torch.rand(2, *side, generator=torch.Generator().manual_seed(2))
    if recorded := getattr(original, "images", None):
        images = recorded()
    images = (images * 255).round() / 255 if convention.std[0] < 1 / 200 else images
    with torch.no_grad():
        have, want = target(images).logits, original(convention.apply(images))
    have, want = (logits - logits.mean(1, keepdim=True) for logits in (have, want))
    difference = float((have - want).abs().max() / want.abs().max().clamp_min(1.0))
    return "" if difference <= made.tolerance else f"its outputs differ by {difference:.2g}"


def _difference(out: Path, identities: list[str], images: list[tuple[str, bool, Any]]) -> str:
    """Compare a packed set with the images that it must have, in any order."""
    with np.load(out, allow_pickle=False) as packed:
        pixels, labels, split = packed["images"], packed["labels"], packed["split"]
    have = sorted(
        (identities[label] if label >= 0 else "", side != "train", image.tobytes())
        for image, label, side in zip(pixels, labels, split, strict=True)
    )
    want = sorted((name, held_out, image.tobytes()) for name, held_out, image in images)
    if have == want:
        return ""
    listed = sorted({(name, held) for name, held, _ in have})
    return f"read as {listed[:8]}, {len(have)} images"


def _judged(case: Case, made: Made, refusal: Refused) -> tuple[str, str]:
    """Return the outcome of a rejected case: the code must be right, and the recipe work."""
    if refusal.code != case.answer:
        return WRONG, f"{refusal.code}: {refusal.detail}"
    try:
        return (RECIPE, refusal.code) if _works(case, made, refusal) else (WRONG, f"no recipe: {refusal.detail}")
    except Refused as again:
        return WRONG, f"after its recipe: {again.code}: {again.detail}"
    except NoRecipeError as error:
        return WRONG, f"no recipe that writes a file: {error}"
    except Exception as error:  # noqa: BLE001 (whatever the recipe of a message raises)
        return WRONG, f"its recipe fails: {type(error).__name__}: {error}"


def _works(case: Case, made: Made, refusal: Refused) -> bool:
    """Follow the recipe, or look at the case that follows the advice. Raises what that raises."""
    if case.recipe in ("runs", "model"):
        names: dict[str, Any] = {}
        if case.recipe == "model":
            assert isinstance(made, Checkpoint)
            convention = made.description["convention"]
            names = owned(made.model, convention["height"], convention["channels"])
        file = followed(refusal.detail, made.file, names)
        (again := made.file.parent / "again").mkdir()
        file = file.rename(again / file.name)
        _, wrong = _checked(_instead(made, file), again)
        if wrong:
            raise NoRecipeError(wrong)
        return True
    following = next((one for one in cases() if one.name == case.recipe), None)
    return following is not None and following.answer == ACCEPTED


def _instead(made: Made, file: Path) -> Made:
    return replace(made, file=file)
