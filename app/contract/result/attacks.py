"""The attacks of an audit, each as if it had been the only one."""

from pydantic import Field

from app.contract.choices import Attack, PriorChoice, PriorKind, Setting
from app.contract.result.base import Digest, Figure, Part
from app.contract.result.risk import BoundedRisk


class AttackReading(Part):
    """An attack of the plan and what it found."""

    name: Attack
    setting: Setting
    prior: PriorChoice
    prior_kind: PriorKind
    steps: int
    restarts: int
    label: str = Field(description="Name for display: the attack, its setting and its prior.")
    verified: Figure | None = Field(description="Share of the identities recognised. Null if nothing was verified.")
    risk: BoundedRisk | None = Field(description="R of this attack alone, against its controls.")
    minutes: float = Field(description="Computing time of its reconstructions.")
    added: int | None = Field(
        description="Identities that it recognises and no earlier attack of the list does. Null if nothing was judged."
    )
    alignment: Figure | None = Field(
        None,
        exclude_if=lambda figure: figure is None,
        description="Share of the gradient that the prior can follow. Absent unless the prior is linear.",
    )
    prior_digest: Digest | None
    students_digest: Digest | None
