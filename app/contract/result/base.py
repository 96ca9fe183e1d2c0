"""Building blocks of a result: shares, digests, figures and the base class."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from app.contract.figures import Format, labelled
from app.contract.nouns import Noun

Share = Annotated[float, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
"""The range is in the JSON schema but not enforced, so a rounding error does not fail an audit."""
Digest = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^sha256:[0-9a-f]+$"})]
Access = Literal["white-box", "scores", "labels"]
EvidenceLevel = Literal["verified", "evaluator", "unreferenced"]
ClassesAre = Literal["person", "writer", "object", "condition", "other"]


def _closed(schema: dict[str, Any]) -> None:
    del schema["additionalProperties"]


class Part(BaseModel):
    """Part of a stored document. Unknown fields, from a later version, are kept and passed on."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_closed)


class Interval(Part):
    """Bounds of a 95 % interval."""

    low: Share
    high: Share


class Measurement(Part):
    """A number with its 95 % interval.

    `n` counts what `noun` of the result names, never images.
    """

    value: float
    low: float
    high: float
    n: int = Field(ge=0)


class Figure(Measurement):
    """A measurement with its label, unit and definition from the catalogue of figures."""

    id: str
    label: str = Field(description="Name for display.")
    unit: str
    definition: str
    format: Format
    order: int = Field(description="Position. Sort by it, because keys of JSON objects have no order.")

    @classmethod
    def of(cls, name: str, measured: Mapping[str, Any], noun: Noun) -> "Figure":
        """Return a measurement with its entry in the catalogue."""
        return Figure.model_validate(labelled(name, measured, noun))


Figures = dict[str, Figure]


class NounOfResult(Part):
    """The noun that `n` counts, in singular and plural."""

    one: str
    many: str
