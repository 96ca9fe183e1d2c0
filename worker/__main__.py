"""`python -m worker` starts a worker. Further arguments go to `celery worker`."""

import os
import sys


def main() -> None:
    """Set what Celery reads on import, then run its worker command."""
    os.environ["REMAP_SIGTERM"] = "SIGQUIT"  # SIGTERM then stops softly; read once, on import of billiard
    from click import UsageError

    from app.contract.exit_codes import Exit
    from app.jobs.broker import QUEUES
    from app.observability.devices import DeviceError
    from worker.job.scratch import sweep
    from worker.node import choose_device

    sweep()  # what killed workers left behind may show people
    try:
        choose_device()  # before a process starts that imports PyTorch
    except DeviceError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(Exit.USAGE)
    from worker.celery_app import app

    queues = ["--queues", ",".join(QUEUES)]  # a later --queues or -Q overrides these
    try:
        app.worker_main(["--quiet", "worker", "--without-gossip", "--without-mingle", *queues, *sys.argv[1:]])
    except UsageError as error:
        error.show()
        sys.exit(Exit.USAGE)


if __name__ == "__main__":
    main()
