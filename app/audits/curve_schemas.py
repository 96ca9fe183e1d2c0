"""Documents of the curves of searches."""

from pydantic import Field

from app.kit.schema import Document


class Spread(Document):
    """Range and median over searches."""

    low: float
    median: float = Field(description="With several shards, the median of their medians, weighted by searches.")
    high: float


class CurveStep(Document):
    """A point of a curve, over the shards that have reached this step."""

    step: int = Field(description="Steps done, in this part of the search.")
    rows: int = Field(description="Searches that ran: one for each identity and restart.")
    loss: Spread = Field(description="What the attack minimises. Compare only steps of one attack.")
    confidence: Spread | None = Field(
        description="The release's confidence (softmax) in the identity, on what the search has found so far. Taken "
        "every few seconds; null in between."
    )


class Curve(Document):
    """The curve of an attack, or of one part of it."""

    attack: int = Field(description="Index of the attack in the plan.")
    label: str
    part: int = Field(description="Some attacks, such as decoder, search their kinds of restarts one after another.")
    points: list[CurveStep]


class CurveList(Document):
    """The curves of an audit. Empty before the first point, and for audits of older versions."""

    items: list[Curve]
