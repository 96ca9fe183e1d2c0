"""However a training process ends, the command says why, and its exit code is not 0."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from app.cli import command_line
from app.cli.root import app
from app.cli.terminal import Terminal, err
from app.cli.training_process import run_training
from app.contract.exit_codes import Exit

KILLED = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
SILENT = "pass"
CUT_OFF = "print('reading... ', end=''); raise SystemExit(3)"
ONLY_PROGRESS = """print('{"event": "progress", "done": 1, "total": 2}')"""
SLEEPING = "import os, time; print(os.getpid(), flush=True); time.sleep(100)"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a module that can be run in place of the training."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "training_of_a_test.py"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (KILLED, "ended by SIGKILL. The system does this when memory runs out."),
        (SILENT, "exit code 0, and without a result"),
        (ONLY_PROGRESS, "exit code 0, and without a result"),
        (CUT_OFF, "exit code 3, and without a result.\nreading..."),
    ],
)
def test_an_end_without_a_result_is_explained(code: str, said: str, module: Path) -> None:
    module.write_text(code)
    assert said in run_training(module.stem, [], err).why


STEPS = """for done in range(101): print('{"event": "progress", "done": %d, "total": 100}' % done)"""


@pytest.mark.parametrize(
    ("terminal", "lines"), [(False, [f"train {10 * tenth} %" for tenth in range(1, 11)]), (True, [])]
)
def test_a_log_that_has_no_bar_has_a_line_for_each_tenth(
    terminal: bool, lines: list[str], module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    console = Terminal(stderr=True)
    monkeypatch.setattr(console, "_force_terminal", terminal)
    monkeypatch.setattr(console, "say", lambda *texts: said.extend(texts))
    module.write_text(STEPS)
    run_training(module.stem, [], console, transient=True)
    assert said == lines


@pytest.mark.parametrize("command", ["train", "convert"])
def test_the_command_fails_where_its_process_was_killed(
    command: str, module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module.write_text(KILLED)
    killed = run_training(module.stem, [], err)
    for commands in ("verifier_training", "verifier_conversion"):
        monkeypatch.setattr(f"app.cli.{commands}.run_training", lambda *_, **__: killed)
    answer = CliRunner().invoke(app, ["verifier", command, str(module), "--out", str(tmp_path / "out")])
    assert answer.exit_code == Exit.AUDIT_ERROR
    assert "failed: its process was ended by SIGKILL" in answer.stderr


def test_an_event_is_found_behind_unfinished_output(capsys: pytest.CaptureFixture[str]) -> None:
    from worker.verifier_commands.events import say

    sys.stdout.write("[torch.onnx] Run decompositions... ")
    say("done", cards=[])
    last = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(last) == {"event": "done", "cards": []}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_training_too_and_is_named(number: signal.Signals, module: Path) -> None:
    module.write_text(SLEEPING)
    code = (  # a parent may have let both signals be ignored
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "from app.cli import training_process as t; from app.cli.terminal import err; from app.cli import bars\n"
        "t._event = lambda line: err.say(line.strip())\n"
        f"t.run_training({module.stem!r}, [], err, transient=True)"
    )
    command = [
        "-c",
        f"import typer\ntry:\n    exec({code!r})\nexcept typer.Exit as end:\n    raise SystemExit(end.exit_code)",
    ]
    process = subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    child = int(process.stderr.readline())
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (Exit.INTERRUPTED if number == signal.SIGINT else 128 + number), said
    assert f"Stopped by {number.name}." in said
    assert not Path(f"/proc/{child}").exists()


def test_an_aborted_command_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(err, "say", lambda *lines: said.extend(lines))
    assert command_line.explained(typer.Abort()) == Exit.INTERRUPTED
    assert said == ["Aborted."]
