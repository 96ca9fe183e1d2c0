"""The input convention of a release, checked before the upload."""

from app.contract.convention import Convention
from app.errors import UnprocessableError

LARGEST_MEAN, LARGEST_STD = 1.0, 16.0
"""Limits for pixels in [0, 1]. A larger standard deviation would make all images almost equal."""


def check(convention: Convention) -> None:
    """Reject values for pixels from 0 to 255. Raises: UnprocessableError (convention_0_255)."""
    if max(convention.mean) <= LARGEST_MEAN and max(convention.std) < LARGEST_STD:
        return
    mean = _divided(convention.mean) if max(convention.mean) > LARGEST_MEAN else convention.mean
    std = _divided(convention.std) if min(convention.std) >= 1 else convention.std
    raise UnprocessableError(
        "convention_0_255",
        f"mean {convention.mean} and std {convention.std} belong to pixels from 0 to 255. Pixels here have values"
        " from 0 to 1, so all images would look nearly the same to the network. Use the numbers divided by 255:"
        f' "mean": {mean}, "std": {std}',
        errors=[
            {"field": "convention.mean", "found": convention.mean, "suggested": mean},
            {"field": "convention.std", "found": convention.std, "suggested": std},
        ],
    )


def _divided(numbers: list[float]) -> list[float]:
    return [float(f"{number / 255:.6g}") for number in numbers]
