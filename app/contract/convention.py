"""The input convention of a network: how an image in [0, 1] is prepared for it.

The engine has its own description. `tests/unit/inversion/test_contract.py` compares the two.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

Number = Annotated[FiniteFloat, Field(gt=-1e6, lt=1e6)]
Positive = Annotated[FiniteFloat, Field(gt=0, lt=1e6)]
Side = Annotated[int, Field(ge=8, le=1024)]


def _numbers(default: float) -> list[float]:
    numbers: list[float] = Field(
        default_factory=lambda: [default],
        description="One number, or one per channel.",
        json_schema_extra={"minItems": 1, "maxItems": 3},
    )
    return numbers


class VerifierConvention(BaseModel):
    """Preparation of an RGB image in [0, 1]: BGR order if selected, then `(x - mean) / std`."""

    model_config = ConfigDict(extra="forbid")

    channel_order: Literal["RGB", "BGR"] = "RGB"
    mean: list[Number] = _numbers(0.0)
    std: list[Positive] = _numbers(1.0)

    @model_validator(mode="after")
    def _one_per_channel(self) -> "VerifierConvention":
        self._check_counts(3)
        return self

    def _check_counts(self, channels: int) -> None:
        for name in ("mean", "std"):
            if len(values := getattr(self, name)) not in {1, channels}:
                allowed = "one number" if channels == 1 else f"one number or {channels}"
                raise ValueError(f"{name} must have {allowed}, not {len(values)}")


class Convention(VerifierConvention):
    """Preparation of an image in [0, 1]: BGR order if selected, then `(x - mean) / std`."""

    height: Side
    width: Side
    channels: Literal[1, 3]

    @model_validator(mode="after")
    def _one_per_channel(self) -> "Convention":
        """Write the numbers out, one per channel."""
        self._check_counts(self.channels)
        for name in ("mean", "std"):
            values: list[float] = getattr(self, name)
            setattr(self, name, values * (self.channels // len(values)))
        return self
