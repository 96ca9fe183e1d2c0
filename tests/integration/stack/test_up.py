"""`exhume up` as users see it: it starts, answers, stops, and leaves nothing behind."""

import os
import shutil
import signal
import socket
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.embedded_servers import TestServers
from tests.integration.other_user import NOBODY, as_nobody, as_root, home_of_nobody, python_of_everybody
from tests.integration.stack.running import Stack, Starts, below, exhume, left_over, up

pytestmark = pytest.mark.xdist_group("stack")
EMBEDDED = {"postgres", "valkey"}
EVERY_KIND = {"api", "checker", "worker", "pool", "scheduler", *EMBEDDED}


@pytest.fixture(scope="module")
def starts() -> Iterator[Starts]:
    """Starts on one data folder. The first one makes the databases."""
    folder = Path(tempfile.mkdtemp(prefix="exhume-up-"))
    starts = Starts(folder)
    yield starts
    starts.close()
    shutil.rmtree(folder)


@pytest.fixture
def stack(starts: Starts) -> Stack:
    """A running stack, left by an earlier test or new if that test ended it."""
    return starts.running()


def kinds(stack: Stack) -> set[str]:
    """Return the kinds of processes below the stack."""
    words = {
        "app.cli.processes.api": "api",
        "-m worker --queues exhume ": "worker",
        "-m worker --queues exhume-checks": "checker",
        "spawn_main": "pool",
        "app.cli.processes.scheduler": "scheduler",
        "bin/postgres -D": "postgres",
        "valkey-server": "valkey",
        "sandbox.child:run": "sandbox",
    }
    return {kind for line in stack.descendants().values() for word, kind in words.items() if word in line}


def wait_for(stack: Stack, wanted: set[str], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not wanted <= kinds(stack):
        assert time.monotonic() < until, f"{wanted - kinds(stack)} missing"
        time.sleep(0.1)


def test_it_prints_an_address_that_is_ready_and_a_sign_in_link_that_works_once(stack: Stack) -> None:
    assert stack.lines[0].startswith("Exhume is ready at http://127.0.0.1:")
    assert httpx.get(f"{stack.url}/readyz").status_code == 200
    token = stack.sign_in_url.removeprefix(f"{stack.url}/sign-in#token=")
    answers = [httpx.post(f"{stack.url}/api/v1/session", json={"token": token}).status_code for _ in range(2)]
    assert answers[0] < 300 <= 400 <= answers[1]


def test_the_api_process_stays_below_160_mebibytes(stack: Stack) -> None:
    for _ in range(20):
        assert httpx.get(f"{stack.url}/readyz").status_code == 200
    assert httpx.get(f"{stack.url}/api/v1/openapi.json").status_code == 200
    status = Path(f"/proc/{stack.state['pids']['api']}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    assert int(resident.split()[1]) < 160 * 1024


def test_the_local_command_line_gets_a_key_that_only_this_user_can_read(stack: Stack) -> None:
    for name in ("up.json", "admin.key"):
        assert stat.S_IMODE((stack.data_dir / "run" / name).stat().st_mode) == 0o600
    answer = httpx.get(f"{stack.url}/api/v1/projects", headers={"Authorization": f"Bearer {stack.key}"})
    assert answer.status_code == 200


def test_a_second_one_on_the_same_folder_is_rejected(stack: Stack) -> None:
    second = exhume("up", data_dir=stack.data_dir)
    assert second.returncode == 4
    assert f"process {stack.process.pid} already runs" in second.stderr
    assert httpx.get(f"{stack.url}/readyz").status_code == 200


def test_an_upload_is_checked_while_the_worker_is_busy_with_an_audit(stack: Stack, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (40, 32, 32), dtype=np.uint8)
    np.savez(tmp_path / "strangers.npz", images=images)
    worker = stack.state["pids"]["worker"]
    os.kill(worker, signal.SIGSTOP)
    try:
        words = ("dataset", "upload", str(tmp_path / "strangers.npz"), "--role", "public")
        sent = exhume(*words, data_dir=stack.data_dir)
        assert sent.returncode == 0, sent.stderr
        address = f"{stack.url}/api/v1/datasets/{sent.stdout.strip()}"
        assert httpx.get(address, headers={"Authorization": f"Bearer {stack.key}"}).json()["state"] == "ready"
    finally:
        os.kill(worker, signal.SIGCONT)


def test_processes_that_end_unasked_are_started_again(stack: Stack) -> None:
    wait_for(stack, {"worker", "checker", "pool"})
    before = stack.state["pids"]
    pool = {pid: line for name in ("worker", "checker") for pid, line in below(before[name]).items()}
    assert pool
    for name in ("worker", "checker", "valkey"):
        os.kill(before[name], signal.SIGKILL)
    assert left_over(pool, 30) == {}
    until = time.monotonic() + 60
    wanted = {"worker", "checker", "pool", "valkey"}
    while {before["worker"], before["checker"]} & stack.descendants().keys() or not wanted <= kinds(stack):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert stack.process.poll() is None


def test_doctor_finds_nothing_wrong_with_a_running_stack(stack: Stack) -> None:
    wait_for(stack, {"pool"})
    done = exhume("doctor", data_dir=stack.data_dir)
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout
    assert f"running stack at {stack.url}" in done.stdout


def ends_in_good_order(stack: Stack, stop: Callable[[], object], embedded: set[str] = EMBEDDED) -> None:
    """Stop a complete stack. Every process ends, and embedded servers are shut down."""
    wait_for(stack, EVERY_KIND - EMBEDDED | embedded)
    processes = stack.descendants()
    stop()
    assert stack.process.wait(60) == 0
    assert left_over(processes, 0) == {}
    assert not (stack.data_dir / "run" / "up.json").exists()
    if embedded:
        log = (stack.data_dir / "logs" / "postgres.log").read_text()
        assert "database system is shut down" in log.splitlines()[-1]


def test_ctrl_c_stops_everything_in_good_order(stack: Stack) -> None:
    ends_in_good_order(stack, lambda: stack.stop(signal.SIGINT))


def test_killed_it_leaves_nothing_running_and_starts_again(starts: Starts) -> None:
    stack = starts.anew(EXHUME_WARM_SANDBOX="true")
    wait_for(stack, EVERY_KIND | {"sandbox"})
    processes = stack.descendants()
    stack.process.kill()
    stack.process.wait()
    # a child that is still importing ends when it finds that its parent has died
    assert left_over(processes, 30) == {}
    (stack.data_dir / "tmp" / "exhume-job-killed").mkdir()
    again = starts.anew()
    assert not (again.data_dir / "tmp" / "exhume-job-killed").exists()
    worker = Path(f"/proc/{again.state['pids']['worker']}/environ").read_bytes()
    assert f"TMPDIR={again.data_dir}/tmp".encode() in worker.split(b"\0")
    assert httpx.get(f"{again.url}/readyz").status_code == 200


def test_stop_and_sign_in_find_the_running_stack(stack: Stack) -> None:
    """The command `stop` sends SIGTERM."""
    link = exhume("sign-in", data_dir=stack.data_dir)
    assert link.returncode == 0
    assert link.stdout.startswith(f"{stack.url}/sign-in#token=")
    stops: list[int] = []
    ends_in_good_order(stack, lambda: stops.append(exhume("stop", data_dir=stack.data_dir).returncode))
    assert stops == [0]
    nothing = exhume("stop", data_dir=stack.data_dir)
    assert nothing.returncode == 4
    assert str(stack.data_dir) in nothing.stderr


@as_root
def test_a_normal_user_runs_it_in_the_home_folder(data_dir: Path) -> None:
    home = home_of_nobody(data_dir)
    options = as_nobody(home)
    options["env"]["EXHUME_PORT"] = "0"
    folder = home / ".local/share/exhume"
    with up(folder, python=python_of_everybody(), options=options) as stack:
        wait_for(stack, EVERY_KIND)
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in stack.descendants()} == {NOBODY}
        ends_in_good_order(stack, stack.stop)


def test_a_busy_port_is_named_with_its_setting_before_anything_starts(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = exhume("up", data_dir=data_dir, EXHUME_PORT=str(port))
    assert done.returncode == 4
    assert f"port {port}" in done.stderr
    assert "EXHUME_PORT" in done.stderr
    assert not (data_dir / "servers").exists()


def test_given_servers_are_used_instead_of_the_embedded_ones(
    data_dir: Path, servers: TestServers, redis_url: str
) -> None:
    with (
        servers.databases.empty() as database_url,
        up(data_dir, DATABASE_URL=database_url, REDIS_URL=redis_url) as stack,
    ):
        assert not EMBEDDED & kinds(stack)
        assert stack.state["database_url"] == database_url
        assert httpx.get(f"{stack.url}/readyz").status_code == 200
        ends_in_good_order(stack, lambda: stack.stop(signal.SIGHUP), embedded=set())  # the terminal was closed


def test_a_database_that_does_not_answer_is_reported(data_dir: Path, redis_url: str) -> None:
    done = exhume("up", data_dir=data_dir, DATABASE_URL="postgresql://nobody@127.0.0.1:9/none", REDIS_URL=redis_url)
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
