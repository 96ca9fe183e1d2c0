"""`exhume init` writes a gate file that can be read, with and without a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.gate_file import read_gate_file
from app.contract.exit_codes import Exit
from tests.unit.cli.gate.folder import write_folder
from tests.unit.cli.processes import Here, environment

OPTIONS = {"target": "badge-reader", "checkpoint": "model.safetensors", "description": "model.json"}
OPTIONS |= {"public": "public.zip", "declared-by": "Dana Kim, privacy"}


@pytest.fixture
def here(tmp_path: Path) -> Here:
    write_folder(tmp_path).unlink()
    return Here()


def words(**changes: str) -> list[str]:
    given = OPTIONS | changes
    return ["init", *(word for name, value in given.items() for word in (f"--{name}", value))]


def test_options_alone_make_a_file(here: Here, tmp_path: Path) -> None:
    ended = here.one([*words(private="private.zip"), "-o", "sarif=exhume.sarif"], tmp_path)
    assert (ended.code, "does not exist" in ended.said) == (Exit.PASS, False), ended
    file = read_gate_file(tmp_path / "exhume.yaml")
    file.check_files()
    assert file.manifest.checkpoint.digest is not None
    assert file.manifest.data.private is not None
    assert file.manifest.data.private.file == "private.zip"
    assert file.manifest.rights.declared_by == "Dana Kim, privacy"
    assert file.manifest.outputs == {"sarif": "exhume.sarif"}
    policy = file.policy()
    assert policy is not None
    assert policy.budgets.white_box == 0.05


@pytest.mark.parametrize(
    "text",
    ["yes", "1.10", "a: b", "#x", "- x", "'", '"', "a\nb", "é 'x' #y", "{a}", "null", "[", "*a", "&a", "%", "@a"],
)
def test_every_text_is_written_so_that_it_is_read_again(here: Here, text: str, tmp_path: Path) -> None:
    assert here.one(words(target=text, public=text, **{"declared-by": f"x{text}"}), tmp_path).code == Exit.PASS
    manifest = read_gate_file(tmp_path / "exhume.yaml").manifest
    assert (manifest.target, manifest.data.public.name) == (text, text)


def test_an_address_is_written_as_one(here: Here, tmp_path: Path) -> None:
    address = "hf://owner/name@0123/model.safetensors"
    assert here.one(words(checkpoint=address), tmp_path).code == Exit.PASS
    assert read_gate_file(tmp_path / "exhume.yaml").manifest.checkpoint.address == address


def test_without_a_terminal_nothing_is_asked(here: Here, tmp_path: Path) -> None:
    ended = here.one(["init", "--target", "x"], tmp_path)
    assert ended.code == Exit.USAGE
    assert "Give --checkpoint, --description, --public, --declared-by." in ended.said
    assert not (tmp_path / "exhume.yaml").exists()


def test_an_existing_file_is_kept(here: Here, tmp_path: Path) -> None:
    (tmp_path / "exhume.yaml").write_text("mine")
    assert here.one(words(), tmp_path).code == Exit.USAGE
    assert (tmp_path / "exhume.yaml").read_text() == "mine"
    assert here.one([*words(), "--force"], tmp_path).code == Exit.PASS


def test_files_that_are_missing_are_named(here: Here, tmp_path: Path) -> None:
    (tmp_path / "model.json").unlink()
    ended = here.one(words(), tmp_path)
    assert (ended.code, "model.json does not exist." in ended.said) == (Exit.PASS, True)


def test_a_budget_that_this_model_can_never_meet_is_said_at_once(here: Here, tmp_path: Path) -> None:
    ended = here.one(words(), tmp_path)
    assert (ended.code, (tmp_path / "exhume.yaml").exists()) == (Exit.PASS, True)
    assert "the policy can never pass. A budget of 5 % can only be met with at least 59 identities" in ended.said


def test_a_terminal_is_asked_for_what_is_not_given(here: Here, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "app.cli", "init", "--target", "badge-reader"]
    process = subprocess.Popen(
        command, env=environment(tmp_path), cwd=tmp_path, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, b"\n\n\n\nstrict\nDana Kim\n\n")  # the defaults, a policy, and who declares
    assert process.wait(60) == Exit.PASS
    asked = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "Name of the model" not in asked
    assert "File or address of the checkpoint [model.safetensors]:" in asked
    manifest = read_gate_file(tmp_path / "exhume.yaml").manifest
    assert (manifest.checkpoint.path, manifest.rights.declared_by) == ("model.safetensors", "Dana Kim")
    assert (manifest.policy and manifest.policy.name, manifest.data.private) == ("strict", None)
