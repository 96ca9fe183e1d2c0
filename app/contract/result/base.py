"""What all parts of a result are made of: shares, digests, figures and the base class."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from app.contract.figures import Format

Share = Annotated[float, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
"""Described in the JSON schema, but not enforced: a rounding error must not cost somebody a finished audit."""
Digest = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^sha256:[0-9a-f]+$"})]
Access = Literal["white-box", "scores", "labels"]
EvidenceLevel = Literal["verified", "evaluator", "unreferenced"]
ClassesAre = Literal["person", "writer", "object", "condition", "other"]


def _closed(schema: dict[str, Any]) -> None:
    del schema["additionalProperties"]


class Part(BaseModel):
    """Part of a result. Fields of a later version of the program are kept and passed on, but not described."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_closed)


class Interval(Part):
    """The ends of a 95 % interval."""

    low: Share
    high: Share


class Measurement(Part):
    """A number with its 95 % interval. `n` counts what `noun` of the result names, never images."""

    value: float
    low: float
    high: float
    n: int = Field(ge=0)


class Figure(Measurement):
    """A measurement with everything that a reader needs, from the catalogue of figures."""

    id: str
    label: str = Field(description="Its name in print.")
    unit: str
    definition: str
    format: Format
    order: int = Field(description="Its place: sort by it, because the keys of JSON objects have no order.")


Figures = dict[str, Figure]


class NounOfResult(Part):
    """What `n` counts: one of them, and several."""

    one: str
    many: str
