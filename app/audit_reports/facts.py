"""Everything that a report says, as the API shows it. The sections read this alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.audits.outcome_schemas import Identity
from app.audits.schemas import Audit, Drift
from app.contract.blind_line_up import BlindLineUpResult
from app.contract.decision import Decision
from app.contract.nouns import Noun
from app.contract.result import Result
from app.releases.schemas import Release


def called(pseudonym: str, name: str | None) -> str:
    """Return the pseudonym, with the name if there is one."""
    return pseudonym if name is None else f"{pseudonym} ({name})"


@dataclass(frozen=True)
class Person:
    """An audited identity. Name and picture are None unless the report was asked for with them."""

    pseudonym: str
    outcome: Identity
    name: str | None = None
    picture: bytes | None = None

    @property
    def shown(self) -> str:
        """The pseudonym, with the name if the report has names."""
        return called(self.pseudonym, self.name)


@dataclass(frozen=True)
class Other:
    """Another finished audit of the same target."""

    audit: Audit
    result: Result


@dataclass(frozen=True)
class Made:
    """Who made the report, when, and what for if it shows people."""

    by: str
    at: datetime
    version: str
    names: bool = False
    pictures: bool = False
    purpose: str = ""


@dataclass(frozen=True)
class Facts:
    """An audit and what belongs to it.

    Attributes:
        people: the audited identities, most exposed first.
        shown: how the report calls those who are exposed by name, by their name.
        others: other audits of the target, newest first.
        replays: comparisons of this audit with its replays.
        decision: the last decision of the release gate, without names.
        blind_line_up: what people recognise, in the newest blind line-up.
    """

    audit: Audit
    result: Result
    release: Release
    people: list[Person]
    shown: Mapping[str, str]
    others: list[Other]
    replays: list[Drift]
    decision: Decision | None
    made: Made
    blind_line_up: BlindLineUpResult | None = None

    @property
    def noun(self) -> Noun:
        """What a class stands for."""
        return Noun(self.result.noun.one, self.result.noun.many)

    @property
    def document(self) -> Mapping[str, Any]:
        """The result as the sentences read it."""
        return self.result.document()

    @property
    def title(self) -> str:
        """Target and version."""
        return f"{self.audit.release.target_name} {self.audit.release.version}"

    @property
    def attacked(self) -> int:
        """Number of identities that were attacked."""
        if self.result.stopped is not None:
            return 0
        return self.result.early_end.attacked if self.result.early_end else len(self.audit.plan.identities)
