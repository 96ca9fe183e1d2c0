"""The input convention of a target: how an image in [0, 1] is prepared for the network."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.errors import InvalidConvention


@dataclass(frozen=True)
class InputConvention:
    """Size, channels and normalisation that a network was trained with.

    The network's input is `(x - mean) / std` per channel, after conversion from RGB to BGR if
    `channel_order` says so. For inputs in [-1, 1] use mean 0.5 and std 0.5.

    Raises: InvalidConvention for impossible values.
    """

    height: int
    width: int
    channels: int
    channel_order: Literal["RGB", "BGR"] = "RGB"
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        for name in ("height", "width"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 8 <= value <= 1024:
                raise InvalidConvention(f"{name} must be a whole number from 8 to 1024, not {value!r}")
        if self.channels not in (1, 3) or isinstance(self.channels, bool):
            raise InvalidConvention(f"channels must be 1 or 3, not {self.channels!r}")
        if self.channel_order not in ("RGB", "BGR"):
            raise InvalidConvention(f"channel_order must be 'RGB' or 'BGR', not {self.channel_order!r}")
        for name in ("mean", "std"):
            values = getattr(self, name)
            try:
                numbers = tuple(float(v) for v in values)
            except (TypeError, ValueError):
                raise InvalidConvention(f"{name} must be a list of numbers, not {values!r}") from None
            if len(numbers) == 1:
                numbers *= self.channels
            if len(numbers) != self.channels or not all(abs(v) < 1e6 for v in numbers):
                raise InvalidConvention(f"{name} must hold one number or {self.channels}, not {values!r}")
            object.__setattr__(self, name, numbers)
        if not all(v > 0 for v in self.std):
            raise InvalidConvention(f"std must be positive, not {self.std}")

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> InputConvention:
        known = {f.name for f in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - known):
            raise InvalidConvention(f"input convention has unknown keys {unknown}; known: {sorted(known)}")
        if missing := sorted({"height", "width", "channels"} - set(values)):
            raise InvalidConvention(f"input convention lacks {missing}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "mean": list(self.mean), "std": list(self.std)}

    def apply(self, images: Tensor) -> Tensor:
        """Convert images (B, C, H, W) in [0, 1] to the network input (B, channels, height, width).

        Images of another size are resized (bilinear, antialiased; the only resize in this
        program), and grey is repeated to RGB.
        Raises: InvalidConvention for colour images and a grey network.
        """
        if images.shape[1] != self.channels:
            if images.shape[1] != 1:
                raise InvalidConvention(f"images have {images.shape[1]} channels, but the target takes {self.channels}")
            images = images.expand(-1, self.channels, -1, -1)
        if images.shape[2:] != (self.height, self.width):
            images = F.interpolate(images, (self.height, self.width), mode="bilinear", antialias=True)
        if self.channels == 3 and self.channel_order == "BGR":
            images = images.flip(1)
        mean, std = (per_channel(values, images.dtype, images.device) for values in (self.mean, self.std))
        return (images - mean) / std


@lru_cache(maxsize=64)
def per_channel(values: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return numbers of channels as (1, C, 1, 1), copied to each device once."""
    return torch.tensor(values, dtype=dtype).to(device).view(1, -1, 1, 1)
