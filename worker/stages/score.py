"""Score: compute risk, interval and verdict from the findings."""

from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.auth import audit_log
from app.contract.nouns import PERSON_LIKE
from app.db.models import Audit, IdentityOutcome
from app.jobs.events import record
from app.jobs.stages import Stage
from worker.evaluation.score import Score, score
from worker.evaluation.verdict import verdict
from worker.evidence.artifacts import get_artifact
from worker.evidence.earlier import look_result, reference_findings, stage_result
from worker.evidence.findings import Findings, rivals
from worker.evidence.inputs import AuditInputs, audit_inputs
from worker.evidence.stored_findings import KIND, load_findings
from worker.job.context import Outcome, StageContext
from worker.node import node_name
from worker.report.costs import finished_jobs
from worker.report.document import ACCESS, result_document
from worker.report.names import earlier_runs
from worker.report.outcomes import evaluator_top5, outcome
from worker.report.regression import compared

STAGES_BEFORE = (Stage.PREPARE, Stage.PRIOR, Stage.STUDENTS, Stage.CONTROLS, Stage.VERIFY, Stage.POWER)


def run(context: StageContext) -> Outcome:
    """Compute the score. Outcomes, result and audit columns are written when the job ends."""
    inputs = audit_inputs(context)
    found = {stage.value: stage_result(context, stage) for stage in STAGES_BEFORE}
    found[Stage.REFERENCES.value] = reference_findings(context) or {"fit": found[Stage.VERIFY].get("fit")}
    found[Stage.LOOK.value] = look_result(context)
    context.progress(0, 1)
    stop = found[Stage.REFERENCES].get("stopped")
    findings, scored = stopped_score(inputs, found) if stop else measured_score(context, inputs, found)
    context.progress(1, 1)
    jobs = context.read(lambda session: finished_jobs(session, inputs))
    earlier = context.read(lambda session: earlier_runs(session, inputs))
    result = result_document(inputs, found, findings, scored, jobs=jobs, hardware=context.hardware, earlier=earlier)
    top5 = evaluator_top5(findings)
    outcomes = [outcome(inputs, row, top5.get(row["identity"])) for row in scored.identities]

    result.regression = context.read(lambda session: compared(session, inputs, result, outcomes))

    def write(session: Session) -> None:
        if outcomes:
            session.execute(insert(IdentityOutcome), outcomes)
        audit = session.get_one(Audit, inputs.audit_id)
        audit.evidence_level = scored.evidence
        audit.verdict = scored.verdict.answer
        if (risk := result.risk) is not None:
            audit.risk, audit.risk_low, audit.risk_high = risk.value, risk.low, risk.high
        audit.result = result.document()
        session.flush()
        story = {"verdict": audit.verdict, "risk": audit.risk, "risk_low": audit.risk_low, "risk_high": audit.risk_high}
        record(session, inputs.audit_id, "result", story | {"sentence": result.sentence})
        details = {**story, "frozen": audit.frozen_digest, "plan": audit.plan_digest}
        audit_log.append_by_worker(session, audit, node_name(), "audit.verdict", details)

    return Outcome({"verdict": scored.verdict.answer, "evidence": scored.evidence}, write)


def stopped_score(inputs: AuditInputs, found: dict[str, dict[str, Any]]) -> tuple[Findings, Score]:
    """Return empty findings and the score of an audit that ended before the attack."""
    answer = verdict(None, evidence="unreferenced", budget=inputs.plan.budget, fit=found[Stage.REFERENCES]["fit"])
    scored = Score(
        risk=None,
        verdict=answer,
        evidence=answer.evidence,
        figures={},
        identities=[],
        strongest_control=None,
        partial={},
        named=[],
        worst_decile=[],
    )
    return Findings(np.zeros(0, np.int64), np.zeros(0, bool)), scored


def measured_score(
    context: StageContext, inputs: AuditInputs, found: dict[str, dict[str, Any]]
) -> tuple[Findings, Score]:
    """Return the findings of verify, and their score."""
    findings = load_findings(get_artifact(context, KIND, found[Stage.VERIFY]["findings"], made_by=Stage.VERIFY))
    contamination = found[Stage.PREPARE]["contamination"]
    return findings, score(
        findings.identities,
        findings.target_top1,
        verification=findings.verification,
        evaluator_top5=findings.evaluator_top5,
        access=ACCESS,
        release_plan=inputs.plan.release_plan,
        budget=inputs.plan.budget,
        # copies were dropped from the public set before anything was trained on it
        contamination_clean=True if contamination["compared"] else None,
        power=(found[Stage.POWER]["power"] or {}).get("value"),
        missing=len(findings.missing),
        references=inputs.private is not None,
        fit=found[Stage.REFERENCES].get("fit"),
        accuracy=findings.fit,
        people=inputs.classes_are in PERSON_LIKE,
        refused=refused(findings),
        metrics=findings.metrics,
        rivals=rivals(inputs.plan.combination, findings),
        seed=inputs.plan.seed,
    )


def refused(findings: Findings) -> list[dict[str, Any]]:
    """Return the verifiers that may not judge, and why."""
    cards = findings.cards.get("verifiers", [])
    return [{"verifier": card["name"], "why": card["reason"]} for card in cards if card["refused"]]
