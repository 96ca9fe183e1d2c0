"""Attack of the identities that the early look left, unless it made the verdict certain."""

from worker.evidence.earlier import look_result
from worker.job.context import Outcome, StageContext
from worker.stages import attack


def run(context: StageContext) -> Outcome:
    """Attack the identities of the shard as the stage `attack` does, or return at once."""
    if look_result(context).get("certain") is not None:
        return Outcome({"skipped": "verdict_certain"}, idle=True)
    return attack.run(context)
