"""Samples of a prior in training: a sheet in the store, and an event that announces it."""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from sqlalchemy.orm import Session

from app.jobs.events import record
from app.jobs.sheets import sheet_key
from worker.job import objects
from worker.job.context import StageContext

SIDE = 4  # pictures in a row of the sheet, and rows
GAP = 2  # transparent pixels between two pictures


@dataclass(frozen=True)
class Measurement:
    """Samples uint8 (N, H, W[, C]) of a prior after `step` of `steps`, and their kernel distance.

    `kind` is that of the prior.
    """

    step: int
    steps: int
    images: np.ndarray
    kid: float
    kind: str


def sheet(images: np.ndarray) -> Image.Image:
    """Return the first 16 of images uint8 (N, H, W) or (N, H, W, 3) as four rows of four.

    The gaps are transparent.
    """
    tiles = images[: SIDE * SIDE].reshape(-1, *images.shape[1:3], images.shape[3] if images.ndim == 4 else 1)
    height, width, channels = tiles.shape[1:]
    size = (SIDE * (height + GAP) - GAP, SIDE * (width + GAP) - GAP)
    pixels = np.zeros((*size, channels + 1), np.uint8)  # the last channel is opacity
    for number, tile in enumerate(tiles):
        top, left = (number // SIDE) * (height + GAP), (number % SIDE) * (width + GAP)
        pixels[top : top + height, left : left + width, :channels] = tile
        pixels[top : top + height, left : left + width, channels] = 255
    return Image.fromarray(pixels)


def keep_sheet(context: StageContext, prior: str, images: np.ndarray) -> None:
    """Replace the sheet in the store. `prior` is the key of the artifact."""
    path = context.scratch / "prior-samples.png"
    sheet(images).save(path)
    objects.upload(context, path, sheet_key(context.claim.project_id, prior))


def show(context: StageContext, prior: str, measured: Measurement) -> None:
    """Replace the sheet in the store and record an event.

    `prior` is the key of the artifact in the making. The sheet belongs to the prior, like the
    state of its training, so any attempt of any audit may write it.
    """
    keep_sheet(context, prior, measured.images)
    payload = {
        "job_id": str(context.claim.job_id),
        "stage": context.claim.stage,
        "shard": context.claim.shard,
        "prior": prior,
        "kind": measured.kind,
        "step": measured.step,
        "steps": measured.steps,
        "kid": measured.kid,
    }

    def write(session: Session) -> None:
        if context.claim.audit_id is not None:
            record(session, context.claim.audit_id, "samples", payload)

    context.write(write)
