"""Accuracy of the audited model on its own training images, measured before compute is spent."""

from typing import Any, Literal

from pydantic import Field

from app.contract.choices import Stop
from app.contract.result.base import Measurement, Part, Share


class Stopped(Part):
    """Why an audit ended before compute was spent."""

    code: Stop
    detail: str


class Mislabelled(Part):
    """Images of one class that the model labels as another."""

    pictures_of: str
    labelled_as: str
    share: Share


class ClassOrder(Part):
    """An order of the class names under which the model labels its training images correctly."""

    displaced: int = Field(description="Class names that are at another index than declared.")
    accuracy: Share
    examples: list[Mislabelled]
    suggested: list[str] = Field(description="Names by class index.")
    is_: Literal["sorted as text", "sorted as numbers"] | None = Field(
        None, alias="is", description="How the suggested names are sorted."
    )
    convention: str | None = Field(None, description="The input convention under which the order was found.")


class ConventionReading(Part):
    """Accuracy under an input convention."""

    name: str
    convention: dict[str, Any]
    accuracy: Share


class Fit(Part):
    """Accuracy of the model on its own training images, and whether the description fits."""

    accuracy: Measurement
    images: int
    classes: int
    guessing: Share
    p_value: Share
    floor: Share
    state: Literal["trained", "below_floor", "at_chance", "class_order", "input_convention"]
    order: ClassOrder | None
    conventions: list[ConventionReading]
