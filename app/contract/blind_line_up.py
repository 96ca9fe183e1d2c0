"""Results of a blind line-up: what people recognise, beside what the verifiers recognise."""

from pydantic import BaseModel, Field

from app.contract.result.base import Share


class PeopleRate(BaseModel):
    """A share with its 95 % interval, over `n` people."""

    value: Share
    low: Share
    high: Share
    n: int = Field(ge=1)


class LineUpCounts(BaseModel):
    """Items of a blind line-up by their picture."""

    reconstruction: int
    control: int
    photograph: int


class VerifierBeside(BaseModel):
    """A verifier and the reviewers on the same reconstructions."""

    name: str | None = Field(description="Null: all verifiers together, as R counts.")
    recognised: int = Field(description="Reconstructions that the verifier recognises as the right person.")
    confirmed: int = Field(description="Of those, the ones that more than half of the reviewers match.")
    people_only: int = Field(description="Reconstructions that more than half of the reviewers match and it does not.")
    of: int = Field(description="Reconstructions that both have judged.")


class BlindLineUpResult(BaseModel):
    """Answers of all reviewers that have finished. They change neither R nor the verdict."""

    sentence: str
    candidates: int
    chance: float = Field(description="Share of reconstructions that guessing among the candidates matches.")
    reviewers: int = Field(description="Reviewers that have finished.")
    items: LineUpCounts
    erased_items: int = Field(description="Items that an erasure of a person has removed, with their answers.")
    matched: PeopleRate | None = Field(
        description="Reconstructions matched to the right person. Null without any left."
    )
    others: PeopleRate | None = Field(description="Reconstructions matched to another person.")
    matched_when_sure: PeopleRate | None = Field(description="The same as `matched`, over answers marked as sure.")
    false_alarms: PeopleRate | None = Field(description="Controls, which show nobody, matched to somebody.")
    sensitivity: PeopleRate | None = Field(
        description="Photographs matched to their person. Null if too few people have two photographs."
    )
    specificity: PeopleRate | None = Field(description="Controls answered with none of these.")
    agreement: float | None = Field(
        description="Krippendorff's alpha over reconstructions and controls: 1 for full agreement, 0 for chance. "
        "Null with one reviewer."
    )
    seconds: float | None = Field(description="Median seconds from an item shown to its answer.")
    verifiers: list[VerifierBeside]
