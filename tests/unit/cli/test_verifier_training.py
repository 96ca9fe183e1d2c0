"""`exhume verifier train` rejects unusable images with an explanation before it trains."""

import json
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli.root import app
from app.contract.exit_codes import Exit
from worker.verifier_commands import train


def test_too_few_people_are_rejected_with_the_number_needed(tmp_path: Path) -> None:
    few = tmp_path / "few.npz"
    names = np.array([f"person {n} " for n in range(10)])
    np.savez(few, images=np.zeros((40, 16, 16), np.uint8), labels=np.repeat(np.arange(10), 4), identities=names)
    answer = CliRunner().invoke(app, ["verifier", "train", str(few), "--out", str(tmp_path / "out")])
    assert answer.exit_code == Exit.USAGE
    assert "few.npz: Renamed 10 identities" in " ".join(answer.stderr.split()), "what was changed in the set is told"
    assert "10 people have 4 images or more; 12 are needed" in " ".join(answer.stderr.split())
    assert not list((tmp_path / "out").iterdir())


def test_symmetries_are_one_or_eight(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["verifier", "train", str(tmp_path), "--symmetries", "3"])
    assert answer.exit_code == Exit.USAGE
    assert "1 or 8" in answer.stderr


def test_without_the_packages_that_write_onnx_it_says_how_to_install_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train, "EXPORTERS", ("onnx", "not_installed_here"))
    monkeypatch.setattr("sys.argv", ["train", "--images", "public.zip", "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit, match="1"):
        train.main()
    event = json.loads(capsys.readouterr().out)
    assert event["event"] == "failed"
    assert "not installed: not_installed_here." in event["detail"]
    assert f"`{shlex.quote(sys.executable)} -m pip install 'exhume[train-verifiers]'`" in event["detail"]
    assert not (tmp_path / "out").exists()
