"""Documents of verifiers."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from app.contract.convention import VerifierConvention
from app.contract.examination import VerifierExamination
from app.db.states import IntakeState
from app.kit.canonical import canonical_json
from app.kit.cursor import Page
from app.kit.ids import ProjectId, VerifierId
from app.kit.listing import Named
from app.kit.problems import Problem
from app.kit.schema import Body, Document, Json, Name, Timestamp

CARD_BYTES = 64 * 1024


def _small(card: dict[str, Any]) -> dict[str, Any]:
    size = len(canonical_json(card))
    if size > CARD_BYTES:
        raise ValueError(f"the card has {size:,} bytes; the limit is {CARD_BYTES:,}")
    return card


class VerifierCreate(Body):
    """A verifier whose file will be uploaded."""

    name: Name
    convention: VerifierConvention = Field(default_factory=VerifierConvention)
    card: Annotated[Json, AfterValidator(_small)] | None = Field(
        None, description="Information from its author: training set, loss, figures. Shown, never trusted."
    )


class Verifier(Document):
    """A network that says whether two images show the same person."""

    id: VerifierId
    project_id: ProjectId
    name: str
    convention: VerifierConvention
    card: Json | None
    state: IntakeState
    problem: Problem | None = Field(description="Why it was rejected (RFC 9457).")
    sha256: str | None
    size_bytes: int | None
    height: int | None
    width: int | None
    channels: int | None
    dim: int | None = Field(description="Length of the embedding.")
    examination: VerifierExamination | None = Field(description="Null until the file has passed its checks.")
    created_at: Timestamp


class VerifierQuery(Named):
    """Parameters of a list of verifiers."""

    state: list[IntakeState] = Field([], description="Only verifiers in one of these states.")


class VerifierPage(Page[Verifier]):
    """Verifiers, newest first."""


class BundledVerifier(Document):
    """A shipped verifier."""

    name: str
    digest: str
    height: int
    width: int
    channels: int
    card: Json


class BundledPage(Page[BundledVerifier]):
    """All shipped verifiers on one page."""
