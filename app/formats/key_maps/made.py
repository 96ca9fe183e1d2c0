"""A tensor that is computed from several tensors of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class MadeTensor:
    """What to compute, from which tensors.

    `operation`: join: one below the other. product: element by element. weight-norm: the first
    (lengths) times the second, divided by the lengths of its rows. reshaped: with other
    dimensions. doubled: times two. zeros: nothing but the shape is used.
    swapped: the first two rows of the second dimension change places.
    """

    operation: Literal["join", "product", "weight-norm", "reshaped", "doubled", "zeros", "swapped"]
    parts: tuple[Any, ...]
    shape: tuple[int, ...]

    @property
    def dtype(self) -> Any:
        """Type of the numbers, which is that of the first part."""
        return self.parts[0].dtype


def shape_of(tensor: Any) -> tuple[int, ...]:
    """Return the shape of a tensor or of its description."""
    return tuple(tensor.shape)


def joined(parts: tuple[Any, ...]) -> MadeTensor:
    """Return tensors one below the other."""
    first = shape_of(parts[0])
    return MadeTensor("join", parts, (sum(shape_of(part)[0] for part in parts), *first[1:]))
