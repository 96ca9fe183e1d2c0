"""Starts, watches and stops the servers, the API, the workers and the scheduler.

For a quick start on two cores, the API is started as early as possible, because its imports take
longest. Modules that only we need (Alembic, the models) are imported meanwhile. Scheduler and
audit workers wait until the API is ready.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.cli.stack import address, state
from app.cli.stack.commands import command, environment
from app.cli.stack.devices import ALL, worker_environments
from app.cli.stack.service import Service, describe_exit
from app.cli.stack.stop_request import StopRequest
from app.embedded import Servers, servers
from app.embedded.backup import dump
from app.embedded.logs import tail
from app.jobs.broker import CHECKS, QUEUE
from app.settings import Settings, settings

READY_SECONDS = 60.0
WORKER_PATIENCE = 10.0  # a soft stop lets the worker return its job
WATCH_SECONDS = 0.5
Tell = Callable[[str], None]


class StackError(RuntimeError):
    """The stack cannot start. The message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Ready:
    """Data about a running stack to show to the user."""

    url: str
    sign_in_url: str
    seconds: float


@contextmanager
def running(
    stop: StopRequest, *, verbose: bool, tell: Tell, gpus: str = ALL
) -> Iterator[tuple[Ready, Callable[[], None]]]:
    """Run the whole stack inside the block, with one worker for each of the `gpus`.

    Yields what to print, and a function that watches the stack until a stop is requested. Raises
    `StackError`, `PortBusyError`, `GpusError` or `EmbeddedServerError`, and `Stopped` when
    a signal arrives during the start.
    """
    began = time.monotonic()
    configured = settings()
    workers = worker_environments(configured, gpus)
    port = address.choose_port(configured)
    data_dir = configured.data_dir.resolve()
    with servers(data_dir, postgres=configured.embedded_database, valkey=configured.embedded_broker) as own:
        if configured.store_url is None:
            (data_dir / "store").mkdir(mode=0o700, exist_ok=True)
        variables = _share_addresses(configured, own, port)
        children = environment(variables | {"TMPDIR": str(_empty_scratch(data_dir))})
        started = {
            name: Service(name, words, children | own_variables, data_dir / "logs", to_terminal=verbose)
            for name, (words, own_variables) in services(workers).items()
        }
        try:
            started["api"].start()  # its /readyz waits for the newest migration
            _migrate(variables["DATABASE_URL"], own)
            started["checker"].start()  # users upload files first
            _wait_ready(configured, port, started["api"], stop)
            for name in names_of(workers):
                started[name].start()
            started["scheduler"].start()
            from app.cli.stack import credentials

            url = address.url_of(configured, port)
            sign_in_url = address.sign_in_url(url, credentials.new_sign_in_token())
            _publish(url, variables, started, own, credentials.new_admin_key(data_dir))
            ready = Ready(url=url, sign_in_url=sign_in_url, seconds=time.monotonic() - began)
            yield ready, lambda: _watch(started, own, stop, tell)
        finally:
            state.withdraw(data_dir)
            _stop(started, stop)
            _empty_scratch(data_dir)


def services(workers: Sequence[dict[str, str]] = ({},)) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return command and environment of each process.

    Checks of uploads have a separate worker on the CPU, because a stage of an audit can take an
    hour. It is the only one that opens uploads and keeps warm sandboxes.

    Args:
        workers: environment of each worker for audits.
    """
    checks = ["--queues", CHECKS, "--hostname", "checker@%h", "--concurrency", str(settings().checks_at_once)]
    return {
        "api": (command("api"), {}),
        "checker": (command("worker", checks), {"EXHUME_DEVICE": "cpu"}),
        **{
            name: (command("worker", ["--queues", QUEUE]), {"EXHUME_WARM_SANDBOX": "false", **own})
            for name, own in zip(names_of(workers), workers, strict=True)
        },
        "scheduler": (command("scheduler"), {}),
    }


def names_of(workers: Sequence[dict[str, str]]) -> list[str]:
    """Return the names of the workers for audits: worker, worker-2, worker-3, ..."""
    return ["worker", *(f"worker-{number}" for number in range(2, len(workers) + 1))]


def _empty_scratch(data_dir: Path) -> Path:
    """Create an empty private folder for temporary files.

    A killed worker may have left images of people in the old one.
    """
    scratch = data_dir / "tmp"
    if scratch.exists():
        shutil.rmtree(scratch)
    scratch.mkdir(mode=0o700)
    return scratch


def _share_addresses(configured: Settings, own: Servers, port: int) -> dict[str, str]:
    """Return the settings that our children share with this process."""
    variables = {
        "DATABASE_URL": configured.database_url or own.database_url,
        "REDIS_URL": configured.redis_url or own.redis_url,
        "EXHUME_DATA_DIR": str(configured.data_dir.resolve()),
        "EXHUME_PORT": str(port),
    }
    os.environ.update(variables)
    settings.cache_clear()
    return variables


def _migrate(url: str, own: Servers) -> None:
    """Migrate the schema. An embedded database that holds data is dumped first."""
    from sqlalchemy.exc import OperationalError

    from app.db.migrate import schema, upgrade
    from app.db.revisions import newest
    from app.db.session import NoDatabaseError

    try:
        found = schema(url).revision
        if found == newest():
            return
        if found is not None and own.postgres is not None:
            dump(own.postgres, settings().data_dir / "backups", f"before-{newest()}")
        upgrade(url)
    except NoDatabaseError as error:
        raise StackError(str(error)) from error
    except OperationalError as error:
        raise StackError(f"the database in DATABASE_URL cannot be used: {str(error.orig).strip()}") from error


def _wait_ready(configured: Settings, port: int, api: Service, stop: StopRequest) -> None:
    until = time.monotonic() + READY_SECONDS
    answer: dict[str, object] = {}
    while True:
        ready, answered = address.readiness(configured, port)
        if ready:
            return
        answer = answered or answer
        if not api.process.running:
            raise StackError(
                f"the API ended during its start ({describe_exit(api.process.exit_code)}); "
                f"the end of {api.process.log}:\n{tail(api.process.log)}"
            )
        if time.monotonic() > until:
            raise StackError(
                f"the API was not ready within {READY_SECONDS:.0f} s; /readyz says {answer or 'nothing'}. "
                f"Log: {api.process.log}. `exhume doctor` looks for the cause"
            )
        stop.wait(0.05)


def _publish(url: str, variables: dict[str, str], started: dict[str, Service], own: Servers, admin_key: str) -> None:
    pids = {name: service.process.pid for name, service in started.items()}
    pids |= {s.process.name: s.process.pid for s in (own.postgres, own.valkey) if s is not None}
    shared = {"database_url": variables["DATABASE_URL"], "redis_url": variables["REDIS_URL"]}
    state.publish(settings().data_dir, {"url": url, "pid": os.getpid(), "pids": pids, **shared}, admin_key)


def _watch(started: dict[str, Service], own: Servers, stop: StopRequest, tell: Tell) -> None:
    """Restart processes that end.

    Never returns. Raises `Stopped`, or `EmbeddedServerError` if a server stays down.
    """
    while True:
        stop.wait(WATCH_SECONDS)
        for name in own.revive():
            tell(f"{name} had ended and was restarted")
        for service in started.values():
            if message := service.tend():
                tell(message)


def _stop(started: dict[str, Service], stop: StopRequest) -> None:
    """Stop the workers first, so that they can return their jobs, then the API.

    The servers are stopped by the caller.
    """
    first = tuple(name for name in started if name != "api")
    for group, patience in ((first, WORKER_PATIENCE), (("api",), 5.0)):
        for name in group:
            started[name].process.ask_to_stop()
        until = time.monotonic() + patience
        while any(started[name].process.running for name in group) and time.monotonic() < until and not stop.impatient:
            time.sleep(0.02)
        for name in group:
            started[name].process.wait_or_kill(0)
            started[name].process.end_group()
