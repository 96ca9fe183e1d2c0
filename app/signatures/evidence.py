"""Evidence: a signed statement of Exhume about a checkpoint."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from app.contract.decision import Decision
from app.contract.predicates import DECISION_TYPE, STATEMENT_TYPE, TEST_RESULT_TYPE
from app.signatures.envelope import opened, parsed
from app.signatures.errors import SignatureRefusedError
from app.signatures.keys import PublicKey

Result = Literal["PASSED", "WARNED", "FAILED"]


@dataclass(frozen=True)
class Evidence:
    """What a verified file says.

    Attributes:
        release: name of the subject, `target:version`.
        decision: None for a file that holds the test result alone.
    """

    key: PublicKey
    release: str
    digest: str
    result: Result
    decision: Decision | None

    def expired(self, now: datetime) -> bool:
        """Return whether the decision has to be made again."""
        until = self.decision.until if self.decision else None
        return until is not None and until <= now


def read_evidence(data: bytes, checkpoint: str, keys: list[PublicKey]) -> Evidence:
    """Verify a signed statement and compare its subject with the digest of a checkpoint.

    Raises: SignatureRefusedError.
    """
    payload, key = opened(data, keys)
    statement = parsed(payload)
    if not isinstance(statement, dict) or statement.get("_type") != STATEMENT_TYPE:
        raise SignatureRefusedError(f"the payload is not a statement of the type {STATEMENT_TYPE}")
    name, digest = _subject(statement)
    if digest != checkpoint:
        raise SignatureRefusedError(f"the statement is about another file: {digest}. The checkpoint has {checkpoint}")
    predicate = statement.get("predicate")
    kind = statement.get("predicateType")
    if kind == DECISION_TYPE:
        decision = _decision(predicate, digest)
        results: dict[str, Result] = {"pass": "PASSED", "warn": "WARNED", "fail": "FAILED"}
        return Evidence(key, name, digest, results[decision.outcome], decision)
    if kind == TEST_RESULT_TYPE and isinstance(predicate, dict):
        result = predicate.get("result")
        if result in ("PASSED", "WARNED", "FAILED"):
            return Evidence(key, name, digest, result, None)
    raise SignatureRefusedError("the statement is neither a decision nor a test result")


def _subject(statement: dict[str, Any]) -> tuple[str, str]:
    try:
        (subject,) = statement["subject"]
        return str(subject["name"]), f"sha256:{subject['digest']['sha256']}"
    except (KeyError, TypeError, ValueError) as error:
        raise SignatureRefusedError("the statement does not have exactly one subject with a SHA-256 digest") from error


def _decision(predicate: Any, digest: str) -> Decision:
    try:
        decision = Decision.model_validate(predicate)
    except ValidationError as error:
        raise SignatureRefusedError("the predicate is not a decision") from error
    if decision.release.digest != digest:
        raise SignatureRefusedError("the decision is about another checkpoint than its statement")
    return decision
