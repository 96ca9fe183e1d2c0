"""The Celery application of a worker, run by `python -m worker`.

Stages import torch, and only in the child process.
"""

from celery import Celery, signals

from app.jobs import broker
from worker import lifecycle

# A job that a soft shutdown interrupts is given back and redone by the next worker, so a short
# wait is enough.
SOFT_SHUTDOWN_SECONDS = 3.0

app = Celery("exhume", include=["worker.tasks"])
app.conf.update(broker.celery_settings(broker.configured_url()))
app.conf.update(
    worker_pool="prefork",
    worker_pool_start_method="spawn",  # CUDA cannot be used after a fork
    worker_concurrency=1,
    worker_proc_alive_timeout=60.0,  # a spawned child repeats all imports, slowly on a busy machine
    worker_prefetch_multiplier=1,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_soft_shutdown_timeout=SOFT_SHUTDOWN_SECONDS,
    worker_cancel_long_running_tasks_on_connection_loss=False,  # the lease, not the broker, owns a running job
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # wait for a broker that is unavailable
)

signals.setup_logging.connect(lifecycle.on_logging)
signals.worker_init.connect(lifecycle.on_init)
signals.worker_ready.connect(lifecycle.on_ready)
signals.worker_shutdown.connect(lifecycle.on_shutdown)
signals.worker_process_init.connect(lifecycle.on_child_start)
