"""Transient progress bars leave nothing in a log, and their labels are printed as text."""

import pytest

from app.cli import bars
from app.cli.terminal import err


def test_a_log_gets_no_bars_that_disappear(capsys: pytest.CaptureFixture[str]) -> None:
    for progress in (bars.of_bytes(), bars.of_work(err, transient=True)):
        with progress:
            progress.update(progress.add_task("upload faces.zip", total=10, note=""), completed=10)
    assert capsys.readouterr().err == ""


def test_the_labels_of_a_bar_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    with bars.of_work(err) as progress:
        label, note = "[/x][red]train\x1b[2J", "[bold]\x9b31m"
        progress.update(progress.add_task(label, total=10, note=note), completed=10)
    printed = capsys.readouterr().err
    assert r"[/x][red]train\x1b[2J" in printed
    assert r"[bold]\x9b31m" in printed
    assert "\x9b" not in printed
