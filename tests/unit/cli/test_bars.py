"""Transient progress bars leave nothing in a log, and their labels are printed as text."""

import pytest

from app.cli import bars
from app.cli.terminal import err


def test_a_log_gets_no_bars_that_disappear(capsys: pytest.CaptureFixture[str]) -> None:
    for progress in (bars.of_bytes(), bars.of_work(err, transient=True)):
        with progress:
            progress.update(progress.add_task("upload faces.zip", total=10, note=""), completed=10)
    assert capsys.readouterr().err == ""


def test_the_name_of_a_bar_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    with bars.of_work(err) as progress:
        progress.update(progress.add_task("[/x][red]train", total=10, note="[bold]"), completed=10)
    assert "[/x][red]train" in capsys.readouterr().err
