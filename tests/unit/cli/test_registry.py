"""A rejected file may be uploaded again, and errors in a description or file are explained."""

import io
import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from typer.testing import CliRunner

from app.cli import made
from app.cli.connection import describe
from app.cli.descriptions import check_described_alike, read_description
from app.cli.known_files import ask_about_known_file
from app.cli.registry import announce_anew, original_lines
from app.cli.root import app
from app.db.models import ClassKind
from exhume import ApiError, Client


class Releases:
    """A server with these releases, by label and state."""

    def __init__(self, **states: str) -> None:
        self.rows = [{"id": f"rel_{v}", "version": v, "state": s, "sha256": "aa"} for v, s in states.items()]

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if body["version"] in {row["version"] for row in self.rows}:
            raise ApiError(409, {"code": "version_taken", "detail": "There is one already"})
        return {"id": "rel_new", **body}

    def items(self, path: str, **params: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if params.get("q", "") in row["sha256"]]


def announced(releases: Releases, *, labelled: bool = False) -> dict[str, Any]:
    client: Any = releases
    body = {"version": "v", "sha256": "aa"}
    return announce_anew(client, "/targets/t/releases", body, ("version", "sha256"), given=labelled)


def test_what_was_rejected_may_be_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert announced(Releases())["version"] == "v"
    assert capsys.readouterr().err == ""
    assert announced(Releases(v="refused"))["version"] == "v-2"
    assert "A file named 'v' was rejected earlier. This one is named 'v-2'." in capsys.readouterr().err
    assert announced(Releases(**{"v": "refused", "v-2": "refused"}))["version"] == "v-3"
    assert announced(Releases(v="awaiting_upload"))["id"] == "rel_v"


@pytest.mark.parametrize(
    ("terminal", "answer", "goes_on"), [(False, "", True), (True, "y\n", True), (True, "n\n", False)]
)
def test_a_known_file_is_named_and_a_person_may_stop(
    terminal: bool, answer: str, goes_on: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = io.StringIO(answer)
    monkeypatch.setattr(typed, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdin", typed)
    releases: Any = Releases(**{"1.2": "ready", "1.3": "refused"})
    releases.rows[0]["target_name"] = "badge-reader"
    with nullcontext() if goes_on else pytest.raises(typer.Abort):
        ask_about_known_file(releases, "prj", "aa")
    said = capsys.readouterr().err
    assert "This file is already release 1.2 of badge-reader (rel_1.2)." in said
    assert "1.3" not in said
    ask_about_known_file(releases, "prj", "a")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("state", "labelled"), [("ready", False), ("refused", True)])
def test_another_label_is_asked_for_where_one_is_used(
    state: str, labelled: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit):
        announced(Releases(v=state), labelled=labelled)
    said = capsys.readouterr().err
    assert f"It is {state}: rel_v." in said
    assert "--version" in said


@pytest.mark.parametrize("text", ["{", "[]", '{"classes": ["a"]}', '{"classes": 3, "convention": {}}'])
def test_a_description_that_says_too_little(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "d.json").write_text(text)
    with pytest.raises(typer.Exit):
        read_description(tmp_path / "d.json")
    said = " ".join(capsys.readouterr().err.split())
    assert any(part in said for part in ("is not JSON", "not a JSON object", "'convention' must", "'classes' must"))


def test_what_need_not_be_said_is_left_out(tmp_path: Path) -> None:
    body = {"classes": ["a"], "convention": {"height": 8}, "architecture": "auto"}
    (tmp_path / "d.json").write_text(json.dumps({**body, "comment": "x"}))
    assert read_description(tmp_path / "d.json") == body


def test_what_a_class_is_and_its_order_come_from_the_file_or_the_options(tmp_path: Path) -> None:
    body = {"classes": ["a"], "convention": {}, "classes_are": "writer", "confirm_class_order": True}
    (tmp_path / "d.json").write_text(json.dumps(body))
    assert read_description(tmp_path / "d.json") == body
    assert read_description(tmp_path / "d.json", ClassKind.OBJECT)["classes_are"] == "object"
    (tmp_path / "d.json").write_text(json.dumps({"classes": ["a"], "convention": {}}))
    assert read_description(tmp_path / "d.json", confirm_order=True) == {
        "classes": ["a"],
        "convention": {},
        "confirm_class_order": True,
    }


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        ({}, True),
        ({"classes": ["Jose\u0301 ", "b"]}, True),
        ({"classes": ["b", "Jos\u00e9"]}, False),
        ({"classes_are": "object"}, False),
        ({"confirm_class_order": True}, False),
    ],
)
def test_an_upload_goes_on_only_with_the_same_classes(
    change: dict[str, Any], alike: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Otherwise a corrected order of the classes would be ignored silently."""
    listed = {"id": "rel_1", "version": "v", "classes_are": "person", "class_order_confirmed": False}

    class Server:
        def get(self, path: str) -> dict[str, Any]:
            assert path == "/releases/rel_1"
            return listed | {"classes": ["Jos\u00e9", "b"]}

    client = cast(Client, Server())
    body = {"classes": ["Jos\u00e9", "b"], **change}
    if alike:
        check_described_alike(client, listed, body)
        return
    with pytest.raises(typer.Exit):
        check_described_alike(client, listed, body)
    assert "--version" in capsys.readouterr().err


def test_what_became_of_the_original_is_told_where_it_was_converted() -> None:
    kept = {"original": "kept", "original_until": "2026-12-24T10:00:00Z", "sha256": "aa"}
    assert original_lines(kept) == ["The original file is kept in quarantine until 2026-12-24."]
    assert "Its SHA-256 is kept: aa." in original_lines(kept | {"original": "deleted"})[0]
    assert [original_lines(kept | {"original": other}) for other in ("identical", "not_sent", None)] == [[], [], []]


def test_findings_are_reported_in_a_line() -> None:
    assert describe({"name": "fc.bias", "detail": "is NaN"}) == "fc.bias: is NaN"
    assert describe({"detail": "is NaN"}) == "is NaN"


def test_an_upload_says_what_it_made_its_state_and_what_comes_next() -> None:
    release = {"version": "1 b", "state": "ready", "architecture": "timm/resnet18", "classes": ["a"] * 90}
    first, following = made.of_release(release | {"convention": {"height": 64, "width": 64}}, "badge-reader")
    assert first == "Release badge-reader:1 b is ready: timm/resnet18, 90 classes, 64x64 pixels."
    assert following.startswith("Next: exhume audit start --release 'badge-reader:1 b' --public ")
    assert len(made.of_release(release | {"twin_of": "rel_1"}, "badge-reader")) == 1
    private = {"name": "staff", "role": "private", "state": "ready", "images": 1800, "identity_count": 90}
    first, following = made.of_dataset(private)
    assert first == "The private data set 'staff' is ready: 1,800 images of 90 identities."
    assert following.endswith("--private staff")
    public = {"name": "others", "role": "public", "state": "ready", "images": 600, "identity_count": None}
    assert made.of_dataset(public)[0] == "The public data set 'others' is ready: 600 images without names."
    deleted = private | {"state": "deleted", "identity_count": None}
    assert [made.listed(one)["identities"] for one in (private, public, deleted)] == [90, "without names", None]


@pytest.mark.parametrize(
    "words",
    [["dataset", "upload", "--role", "public"], ["release", "upload", "--target", "door"], ["verifier", "upload"]],
)
def test_an_empty_file_is_rejected_before_anything_is_created(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "cut.zip").touch()
    ended = CliRunner().invoke(app, [*words, str(tmp_path / "cut.zip")])
    assert ended.exit_code != 0
    assert "is empty (0 bytes)" in " ".join(ended.output.split())
