"""The stages, one file each.

They are found by name and imported late, because they import torch.
"""

from functools import partial
from importlib import import_module

from app.jobs.stages import NEEDS_RELEASE_THAT_FITS, Stage
from worker.job.context import Outcome, StageContext
from worker.job.context import Stage as Run


def load_stage(name: str) -> Run:
    """Return the function `run` of the stage's module.

    A stage that spends compute does nothing in an audit that was stopped.
    """
    run: Run = import_module(f"worker.stages.{Stage(name)}").run
    return partial(unless_stopped, run) if Stage(name) in NEEDS_RELEASE_THAT_FITS else run


def unless_stopped(run: Run, context: StageContext) -> Outcome:
    """Run the stage, or return at once if the references stage stopped the audit."""
    from worker.evidence.earlier import stopped

    reason = stopped(context)
    return run(context) if reason is None else Outcome({"skipped": reason["code"]}, idle=True)
