"""The only Celery task: "job N may be ready". Everything else is in the job's row."""

from uuid import UUID

from worker.celery_app import app
from worker.lifecycle import leave_if_spent, warm_up


@app.task(name="worker.tasks.run_job")  # type: ignore[untyped-decorator]
def run_job(job_id: str) -> None:
    """Run the job whose turn it is. For a duplicate or outdated message, there may be none."""
    from worker.runtime.alone import run_next  # the stages import torch, only in the child process

    warm_up()
    run_next(UUID(job_id))
    leave_if_spent()
