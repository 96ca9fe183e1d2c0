"""`exhume gate --local` leaves nothing behind, however it ends.

The server is one in memory, so that only the command is tested. `bench/cost/gate.py` runs a real
one.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.gate import local
from app.contract.exit_codes import Exit
from tests.unit.cli.gate.folder import write_folder
from tests.unit.cli.processes import environment

ROOT = Path(__file__).parents[4]
UP = """
import os, sys, time
from pathlib import Path
from tests.unit.client.listening import listening
from tests.unit.client.service import Service, decision
assert "EXHUME_URL" not in os.environ and "EXHUME_API_KEY" not in os.environ
outcome = os.environ["OUTCOME"]
if outcome == "broken":
    sys.exit("the database does not start")
run = Path(os.environ["EXHUME_DATA_DIR"]) / "run"
run.mkdir()
failed = decision("fail", "EXH001=fail")
service = Service(ends="running") if outcome == "running" else Service(decided=failed)
with listening(service) as url:
    (run / "admin.key").write_text("exh_local")
    (run / ".up").write_text('{"url": "%s"}' % url)
    (run / ".up").rename(run / "up.json")
    time.sleep(60)
"""
# A shell makes programs in the background ignore Ctrl-C.
GATE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from app.cli.gate import local
local.COMMAND = [sys.executable, "-c", sys.argv.pop()]
import app.cli
app.cli.main()
"""
Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Return a function that starts a gate whose server behaves as named."""
    (tmp_path / "tmp").mkdir()
    write_folder(tmp_path)

    def started(outcome: str) -> "subprocess.Popen[str]":
        other = {"EXHUME_URL": "http://127.0.0.1:9", "EXHUME_API_KEY": "exh_other"}
        own = {"OUTCOME": outcome, "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT)}
        words = [sys.executable, "-P", "-c", GATE, "gate", "--local", UP]
        return subprocess.Popen(
            words, env=environment(tmp_path, own | other), cwd=tmp_path, stderr=subprocess.PIPE, text=True
        )

    return started


def left(folder: Path) -> list[Path]:
    return list((folder / "tmp").iterdir())


def until(process: "subprocess.Popen[str]", begins: str) -> None:
    assert process.stderr is not None
    while not process.stderr.readline().startswith(begins):
        assert process.poll() is None


def server_of(folder: Path) -> int:
    """Return the process id of the server, which has the folder in its environment."""
    (own,) = left(folder)
    wanted = f"EXHUME_DATA_DIR={own}".encode()
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdecimal() and wanted in (process / "environ").read_bytes().split(b"\0"):
                return int(process.name)
        except OSError:
            continue
    raise AssertionError("no server")


@pytest.mark.parametrize(("outcome", "code"), [("fail", Exit.GATE_FAILED), ("broken", Exit.AUDIT_ERROR)])
def test_nothing_is_left_after_a_decision_or_an_error(start: Start, outcome: str, code: Exit, tmp_path: Path) -> None:
    process = start(outcome)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert left(tmp_path) == []
    assert ("the database does not start" in said) == (outcome == "broken")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, 143)])
def test_nothing_is_left_after_a_signal(start: Start, number: int, code: int, tmp_path: Path) -> None:
    process = start("running")
    until(process, "attack begins")
    server = server_of(tmp_path)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert left(tmp_path) == []
    assert not Path(f"/proc/{server}").exists()
    assert "continues" not in said


def test_what_a_killed_command_left_is_deleted_by_the_next(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start("running")
    until(process, "attack begins")
    server = server_of(tmp_path)
    process.kill()
    process.communicate()
    while Path(f"/proc/{server}/cwd").exists():  # the kernel ends it with its parent
        time.sleep(0.01)
    (tmp_path / "tmp" / f"{local.PREFIX}{os.getpid()}-ours").mkdir()
    (tmp_path / "tmp" / f"{local.PREFIX}other").mkdir()
    assert len(left(tmp_path)) == 3
    monkeypatch.setattr(local.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    local._remove_left_over()
    assert {path.name for path in left(tmp_path)} == {f"{local.PREFIX}{os.getpid()}-ours", f"{local.PREFIX}other"}
