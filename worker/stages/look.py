"""Look: freeze and judge the first identities, and end the audit if its verdict is certain."""

from worker.evaluation.early_look import certain
from worker.evidence.findings import rivals
from worker.evidence.freezing import freeze
from worker.evidence.inputs import audit_inputs
from worker.evidence.private_set import open_private_set
from worker.job.context import Outcome, StageContext
from worker.stages.verify import judged_findings

WHY = "to judge the first identities, which may make the verdict certain"


def run(context: StageContext) -> Outcome:
    """Freeze, open and judge as the stage `verify` does, which alone writes scores."""
    inputs = audit_inputs(context)
    look = inputs.plan.look
    assert look is not None, "only an audit with an early look has this stage"
    first = inputs.only(look.identities)
    frozen = freeze(context, first)
    findings, _ = judged_findings(context, first, open_private_set(context, first, WHY))
    found = None
    if not findings.missing:
        others = rivals(inputs.plan.combination, findings)
        found = certain(
            findings.verification, others, budget=inputs.plan.budget, alpha=look.alpha, seed=inputs.plan.seed
        )
    return Outcome({"frozen": frozen} | (found.to_dict() if found is not None else {"certain": None}))
