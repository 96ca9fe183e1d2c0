"""The input convention of a release, checked before anything is uploaded."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from app.kit.schema import Body

Number = Annotated[FiniteFloat, Field(gt=-1e6, lt=1e6)]
Positive = Annotated[FiniteFloat, Field(gt=0, lt=1e6)]
Side = Annotated[int, Field(ge=8, le=1024)]


class Convention(Body):
    """The network sees `(x - mean) / std` of an image in [0, 1], per channel, after RGB became BGR where it says so."""

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
                raise ValueError(f"{name} must hold one number or {self.channels}, not {len(values)}")
            setattr(self, name, values * (self.channels // len(values)))
        return self
