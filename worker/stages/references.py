"""References: open the private set before the attack, and decide whether an attack can be judged.

The stages that attack get only the list of public images to drop from this stage.
"""

from sqlalchemy.orm import Session

from app.jobs.events import record
from worker.evidence.before_the_attack import examine_references
from worker.evidence.inputs import audit_inputs
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Examine the private set and record what it means for the audit."""
    inputs = audit_inputs(context)
    found = examine_references(context, inputs)

    def write(session: Session) -> None:
        record(session, inputs.audit_id, "references", {name: found[name] for name in ("fit", "stopped", "notes")})

    return Outcome(found, write if inputs.private else None)
