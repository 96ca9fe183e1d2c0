"""Facts about the training of a pair of verifiers, for those who propose it.

A test compares every fact with the worker (`tests/unit/evaluation/test_verifier_contract.py`).
"""

import math

FEWEST_PEOPLE, FEWEST_IMAGES = 12, 200
"""Needed with names, and without."""
SMALLEST, LARGEST = 16, 512
"""Sides of the images, in pixels."""
SIDES, LARGEST_INNER = 16, 96
"""The networks work at sides that are multiples of the first, and shrunk to the second."""
STEPS, IMAGES_A_STEP = 1200, 96
STEP_SECONDS = 0.0011
"""Seconds of both networks for an image of 32x32 pixels in a step, on two idle cores."""


def inner_size(height: int, width: int) -> tuple[int, int]:
    """Return the size at which the networks work for images of this size."""
    shrink = min(1.0, LARGEST_INNER / max(height, width))
    return _multiple(height * shrink), _multiple(width * shrink)


def training_seconds(height: int, width: int) -> float:
    """Return the seconds in which a pair is trained for images of this size."""
    pixels = math.prod(inner_size(height, width)) / 1024
    return STEPS * IMAGES_A_STEP * STEP_SECONDS * pixels


def _multiple(side: float) -> int:
    return max(SIDES, math.ceil(round(side, 6) / SIDES) * SIDES)
