"""The input convention of a release, checked before the upload."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from app.errors import UnprocessableError
from app.kit.schema import Body

Number = Annotated[FiniteFloat, Field(gt=-1e6, lt=1e6)]
Positive = Annotated[FiniteFloat, Field(gt=0, lt=1e6)]
LARGEST_MEAN, LARGEST_STD = 1.0, 16.0
"""Limits for pixels in [0, 1]. A larger standard deviation would make all images almost equal."""
Side = Annotated[int, Field(ge=8, le=1024)]


class Convention(Body):
    """Preparation of an image in [0, 1]: BGR order if selected, then `(x - mean) / std`."""

    height: Side
    width: Side
    channels: Literal[1, 3]
    channel_order: Literal["RGB", "BGR"] = "RGB"
    mean: list[Number] = Field(default_factory=lambda: [0.0], description="One number, or one per channel.")
    std: list[Positive] = Field(default_factory=lambda: [1.0], description="One number, or one per channel.")

    @model_validator(mode="after")
    def _one_per_channel(self) -> "Convention":
        for name in ("mean", "std"):
            values: list[float] = getattr(self, name)
            if len(values) not in {1, self.channels}:
                raise ValueError(f"{name} must have one number or {self.channels}, not {len(values)}")
            setattr(self, name, values * (self.channels // len(values)))
        return self


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
