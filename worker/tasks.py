"""The only Celery task: "job N may be ready". Everything else is in the job's row."""

from uuid import UUID

from worker.celery_app import app


@app.task(name="worker.tasks.run_job")  # type: ignore[untyped-decorator]
def run_job(job_id: str) -> None:
    """Claim the job and run its stage. For a duplicate or outdated message, do nothing."""
    from worker.runtime.alone import run  # the stages import torch, only in the child process

    run(UUID(job_id))
