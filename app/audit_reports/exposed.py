"""Who is exposed in a report, by whichever judge there was."""

from app.audit_reports.facts import Facts
from app.audits.outcome_schemas import Identity


def most_exposed(facts: Facts) -> set[str]:
    """Return the names of the worst decile.

    Verifiers rank people. Where the evaluator judged alone, all those whom it recognises count.
    """
    ranked = set(facts.result.worst_decile)
    return ranked or {one.outcome.name for one in facts.people if by_evaluator(one.outcome)}


def by_evaluator(outcome: Identity) -> bool | None:
    """Return whether the evaluator recognised somebody whom no verifier judged.

    None if a verifier judged, or nobody did.
    """
    return outcome.evaluator_top1 if outcome.verified is None else None


def evaluator_alone(facts: Facts) -> bool:
    """Return whether the evaluator was the only judge."""
    return facts.result.evidence_level == "evaluator"


def recognised(outcome: Identity) -> str:
    """Return whether somebody was recognised, and by the evaluator if by it alone."""
    found = outcome.verified if outcome.verified is not None else by_evaluator(outcome)
    if found is None:
        return "not judged"
    return f"{'yes' if found else 'no'}{'' if outcome.verified is not None else ', by the evaluator'}"
