"""Texts from a server are printed as text: no markup, no colour, no forged lines."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer import TyperException

import app.cli
from app.cli import audit, registry, running, uploads, verifiers
from app.cli.command_line import explained
from app.cli.connection import print_problem
from app.cli.listing import print_audits
from app.cli.render import print_result, regression_line
from app.cli.terminal import Terminal, out, printable, with_code
from app.cli.waiting import print_rejection
from app.contract.exit_codes import Exit
from app.formats import recipes
from app.formats.mismatch import BEFORE_EXPORT
from exhume import ApiError, FileRejectedError
from tests.unit.cli.answering import Answering

HOSTILE = "[/x][red]\x1b[31m\x9b2J\u202edoor\r\nPASS\ud800"
SHOWN = r"[/x][red]\x1b[31m\x9b2J\u202edoor\r\nPASS\ud800"
WIDE = 400


class Hostile(dict[str, Any]):
    """A document in which every text is hostile."""

    def __init__(self, **known: Any) -> None:
        super().__init__(known)

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key, HOSTILE)

    def __missing__(self, key: str) -> str:
        return HOSTILE


class Server:
    """A server that answers every request with hostile documents."""

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None: ...

    def items(self, path: str, **_: Any) -> list[dict[str, Any]]:
        known = {"id": "prj_1", "problem": {"code": HOSTILE}, "received": 1, "length": 2, "expires_at": HOSTILE}
        return [Hostile(**known, height=8, width=8, channels=1)]

    def get(self, path: str, **_: Any) -> Any:
        return {"items": [Answering(named=HOSTILE).audit()], "reason": HOSTILE, "difference": None}


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the terminal wide enough that no table cell wraps."""
    monkeypatch.setattr(out, "_width", WIDE)
    for module in (audit, registry, uploads, verifiers):
        monkeypatch.setattr(module, "server", Server)


def problem() -> dict[str, Any]:
    return {"code": HOSTILE, "detail": HOSTILE, "errors": [{"name": HOSTILE, "detail": HOSTILE}]}


def result() -> dict[str, Any]:
    figure = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10, "label": HOSTILE, "format": "share", "order": 1}
    return {
        "verdict": "FAIL",
        "sentence": HOSTILE,
        "evidence_level": HOSTILE,
        "reasons": [HOSTILE],
        "decides": [HOSTILE],
        "notes": [HOSTILE],
        "stopped": {"code": "class_order", "detail": HOSTILE},
        "risk": figure,
        "figures": {HOSTILE: figure},
        "controls": {HOSTILE: figure},
        "named": [{"name": HOSTILE}],
        "naming": {"expected_false": 0.1, "named_earlier_only": [HOSTILE]},
        "severity": HOSTILE,
        "release_plan": HOSTILE,
        "stages": [{"stage": HOSTILE, "seconds": 1.0}],
    }


def failed() -> dict[str, Any]:
    return Answering(state="failed", verdict=None, named=HOSTILE).audit()


@pytest.mark.parametrize(
    "show",
    [
        registry.list_projects,
        registry.list_targets,
        registry.list_releases,
        registry.list_datasets,
        verifiers.list_verifiers,
        uploads.list_uploads,
        audit.list_audits,
        lambda: audit.regression("aud_1"),
        lambda: print_audits(out, [Answering(named=HOSTILE).audit()]),
        lambda: print_result(out, result()),
        lambda: print_rejection(FileRejectedError(HOSTILE, problem())),
        lambda: print_problem(ApiError(422, problem())),
        lambda: running.print_state(out, failed(), []),
        lambda: running.print_estimate(out, {"seconds": 1, "measured": True, "concludes": [HOSTILE]}),
        lambda: out.say(regression_line({"version": HOSTILE, "difference": None}) or HOSTILE),
    ],
)
def test_a_hostile_name_is_shown_as_it_is(show: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    show()
    printed = "".join(capsys.readouterr())
    assert SHOWN in printed
    assert not {character for character in printed if ord(character) in {0x0D, 0x1B, 0x9B, 0x202E}}
    assert "PASS" not in {line.strip() for line in printed.splitlines()}


RECIPE = "It is a ZIP archive. To unpack it:\n    import zipfile\n    zipfile.ZipFile('a.zip').extractall()"


@pytest.mark.parametrize(
    "show",
    [
        lambda: print_rejection(FileRejectedError("a.zip", {"code": "broken", "detail": RECIPE})),
        lambda: print_problem(ApiError(422, {"code": "broken", "detail": RECIPE})),
    ],
)
def test_code_in_a_message_can_be_copied(show: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    show()
    first, *code = capsys.readouterr().err.splitlines()
    assert first.endswith("It is a ZIP archive. To unpack it:")
    assert code == ["    import zipfile", "    zipfile.ZipFile('a.zip').extractall()"]


def test_every_recipe_keeps_its_lines() -> None:
    found = [text for name, text in vars(recipes).items() if name.isupper() and not name.startswith("_")]
    assert len(found) > 5
    for recipe in (*found, f"It has a single output.\n{BEFORE_EXPORT}"):
        assert with_code(recipe) == recipe.split("\n")


def test_a_name_cannot_pretend_to_be_code() -> None:
    assert with_code("It is named 'x\nPASS'.\n    import torch\nPASS\nPASS:") == [
        "It is named 'x\nPASS'.",
        "    import torch\nPASS\nPASS:",
    ]


FAULTS = [
    ("body.rights.declared_by", "String should have at least 2 characters", "rights.declared_by: must have at least 2"),
    ("query.limit", "Input should be less than or equal to 500", "limit: must be 500 or less"),
    ("body.events.0", "Input should be 'a' or 'b'", "events.0: must be 'a' or 'b'"),
    ("body.at", "Value error, say when", "at: say when"),
]


@pytest.mark.parametrize(("where", "message", "said"), FAULTS)
def test_a_value_that_is_not_accepted_is_named_once(
    where: str, message: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = {"where": where, "message": message}
    detail = f"The request does not fit the API: {where}: {message}."
    print_problem(ApiError(422, {"code": "invalid_request", "detail": detail, "errors": [fault]}))
    assert capsys.readouterr().err.startswith(f"invalid_request (422): {said}")
    print_problem(ApiError(422, {"code": "invalid_request", "detail": detail, "errors": [fault, fault]}))
    printed = capsys.readouterr().err.splitlines()
    assert printed[0] == "invalid_request (422): The server does not accept these values:"
    assert [line.startswith(f"  - {said}") for line in printed[1:]] == [True, True]


@pytest.mark.parametrize("kind", [typer.BadParameter, TyperException])
def test_a_usage_error_is_shown_as_it_is(kind: type[TyperException], capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(kind(HOSTILE)) == Exit.USAGE
    printed = capsys.readouterr().err
    assert r"\x9b2J\u202edoor" in printed
    assert not set(printed) & {"\x1b", "\x9b", "\u202e"}


def test_json_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    out.json({"name": HOSTILE})
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert "\\u001b[31m\\u009b2J" in printed


def test_letters_of_every_script_stay_as_they_are() -> None:
    for name in ("José", "\u05d0\u05d1", "\u0e19\u0e49", "👩\u200d🔬", "Ω ≥ ½"):
        assert printable(name) == name


def test_a_style_colours_its_own_part_only(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(terminal, "_force_terminal", True)
    monkeypatch.setattr(terminal, "_color_system", 1)
    with terminal.capture() as captured:
        terminal.styled(("FAIL", "bold red"), "  [bold]no style[/]")
    assert captured.get() == "\x1b[1;31mFAIL\x1b[0m  [bold]no style[/]\n"


def test_only_two_modules_print() -> None:
    """Check that only two modules use `rich`, `print` and `typer.echo`."""
    found = []
    for file in sorted(Path(app.cli.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            imported = getattr(node, "module", None) or "".join(name.name for name in getattr(node, "names", []))
            if isinstance(node, ast.Import | ast.ImportFrom) and imported.split(".")[0] == "rich":
                found.append((file.name, imported))
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "typer.echo", "typer.secho"}:
                found.append((file.name, ast.unparse(node.func)))
    assert {name for name, _ in found} == {"terminal.py", "bars.py", "uploads.py", "watching.py"}, found
    assert [what for name, what in found if name == "uploads.py"] == ["rich.filesize"]
    assert [what for name, what in found if name == "watching.py"] == ["rich.progress"]
