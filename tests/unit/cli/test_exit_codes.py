"""Exit codes of all commands. Usage errors never exit with 1 or 2.

Commands that are rejected while they are parsed run in this process, and one of each kind in a
real one as well. All others are real processes.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.contract.exit_codes import Exit
from exhume.transports import BlockingTransport
from tests.unit.cli import tree
from tests.unit.cli.answering import AUDIT, Answering, answering
from tests.unit.cli.processes import Ended, Forks, Here, environment, forking

TAKES_EVERYTHING = "worker"  # passes its options on to Celery; see below
NETWORKED = sorted(set(tree.leaves()) - tree.LOCAL)
CLOSED = "http://127.0.0.1:9"  # the `discard` port, where nothing listens


@pytest.fixture(scope="module")
def exhume(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with forking(tmp_path_factory.mktemp("forks")) as forks:
        yield forks


@pytest.fixture
def here() -> Here:
    return Here()


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands in this process try again at once."""

    async def at_once(transport: BlockingTransport, seconds: float) -> None:
        assert seconds > 0

    monkeypatch.setattr(BlockingTransport, "sleep", at_once)


def codes(ended: dict[str, Ended], expected: Exit) -> dict[str, Ended]:
    """Return the commands that ended with an unexpected code."""
    return {words: one for words, one in ended.items() if one.code != expected}


def test_the_tree_is_whole() -> None:
    assert len(tree.leaves()) >= 35
    assert set(tree.leaves()) > tree.LOCAL


def test_help_ends_with_0(here: Here, tmp_path: Path) -> None:
    commands = {words: [*words.split(), "--help"] for words in tree.leaves()}
    commands |= {f"group {words}": [*words, "--help"] for words in tree.groups()}
    ended = here.run(commands, tmp_path)
    assert codes(ended, Exit.PASS) == {}
    assert all("Usage: exhume" in one.out for one in ended.values())


def test_an_unknown_option_or_command_ends_with_4(here: Here, tmp_path: Path) -> None:
    commands = {words: [*words.split(), "--no-such"] for words in tree.leaves() if words != TAKES_EVERYTHING}
    commands |= {f"group {words}": [*words, "no-such"] for words in tree.groups()}
    commands |= {f"option of {words}": [*words, "--no-such"] for words in tree.groups()}
    commands |= {f"nothing after {words}": list(words) for words in tree.groups()}
    assert codes(here.run(commands, tmp_path), Exit.USAGE) == {}


def test_a_missing_argument_ends_with_4_and_is_named(here: Here, tmp_path: Path) -> None:
    commands, missing = {}, {}
    for words, command in tree.leaves().items():
        for parameter in command.params:
            if parameter.required:
                given = tree.filled(words, tmp_path)
                value = tree.filled(words, tmp_path, **{parameter.name: "LEFT-OUT"})
                at = value.index("LEFT-OUT")
                option = parameter.param_type_name == "option"
                commands[f"{words} {parameter.name}"] = given[: at - 1 if option else at] + given[at + 1 :]
                missing[f"{words} {parameter.name}"] = parameter.opts[0] if option else ""
    ended = here.run(commands, tmp_path)
    assert len(commands) >= 30
    assert codes(ended, Exit.USAGE) == {}
    # of two arguments, the second one is then taken for the first, whose kind is named
    named = {words for words, one in ended.items() if "Missing" in one.err or "is not the id of" in one.err}
    assert [words for words, one in ended.items() if words not in named or missing[words] not in one.err] == []


def test_a_bad_choice_or_number_ends_with_4_and_is_named(here: Here, tmp_path: Path) -> None:
    commands, named = {}, {}
    for words, command in tree.leaves().items():
        for parameter in command.params:
            bad = {"choice": "no-such"} if tree.takes_choice(parameter) else {}
            bad |= {"word": "many"} if tree.of_kind(parameter, int) else {}
            bad |= {"negative": "-7"} if tree.of_kind(parameter, int) else {}
            for what, value in bad.items():
                commands[f"{words} {parameter.name} {what}"] = tree.filled(words, tmp_path, **{parameter.name: value})
                named[f"{words} {parameter.name} {what}"] = parameter.opts[0]
    ended = here.run(commands, tmp_path)
    assert len(commands) >= 25
    assert codes(ended, Exit.USAGE) == {}
    assert [words for words, one in ended.items() if named[words] not in one.err] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], Exit.PASS, "Usage: exhume"),
        (["audit", "--no-such"], Exit.USAGE, "--no-such"),
        (["audit", "no-such"], Exit.USAGE, "no-such"),
        (["audit"], Exit.USAGE, "Usage: exhume audit"),
        (["audit", "show"], Exit.USAGE, "Missing argument"),
        (["audit", "list", "--limit", "many"], Exit.USAGE, "--limit"),
        (["audit", "show", "x"], Exit.USAGE, "is not the id of"),
        (["audit", "start", "--budget", "5"], Exit.USAGE, "write 0.05 for 5 %"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_process_ends_as_a_command_in_this_process(
    exhume: Forks, here: Here, words: list[str], code: Exit, said: str, tmp_path: Path
) -> None:
    variables = {"EXHUME_URL": CLOSED, "EXHUME_API_KEY": "exh_key"}
    ended = exhume.one(words, tmp_path, **variables)
    assert (ended.code, said in ended.said) == (code, True), ended
    assert ended == here.one(words, tmp_path, **variables)


@pytest.mark.parametrize("value", ["", "x", "..", "../projects", "rel_1", "aud_" + "z" * 32, "prj_" + "0" * 32])
def test_a_bad_id_ends_with_4_before_a_server_is_asked(here: Here, value: str, tmp_path: Path) -> None:
    commands = {words: tree.filled(words, tmp_path, **{parameter: value}) for words, parameter in tree.IDS}
    ended = here.run(commands, tmp_path, EXHUME_URL=CLOSED, EXHUME_API_KEY="exh_key")
    assert codes(ended, Exit.USAGE) == {}
    assert all("is not the id of" in one.err and "lists the ids" in one.err for one in ended.values())


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("5", "write 0.05 for 5 %"),
        ("5%", "write 0.05 for 5 %"),
        ("2.5", "write 0.025 for 2.5 %"),
        ("1", "write 0.01 for 1 %"),
        ("0", "No audit can show that the risk is 0"),
        ("-0.1", "above 0 and below 1"),
        ("nan", "above 0 and below 1"),
        ("inf", "above 0 and below 1"),
        ("five", "write 0.05 for 5 %"),
        ("500", "write 0.05 for 5 %"),
    ],
)
def test_a_budget_that_is_not_a_share_is_explained(here: Here, budget: str, said: str, tmp_path: Path) -> None:
    ended = here.one(tree.filled("audit start", tmp_path, budget=budget), tmp_path)
    assert ended.code == Exit.USAGE
    assert "--budget" in ended.err
    assert said in ended.said


def test_without_a_server_to_talk_to_every_command_ends_with_4(exhume: Forks, here: Here, tmp_path: Path) -> None:
    commands = {words: tree.filled(words, tmp_path) for words in NETWORKED}
    local = {words: words.split() for words in ("stop", "sign-in", "migrate", "api", "worker", "scheduler")}
    ended = here.run(commands, tmp_path) | exhume.run(local, tmp_path)
    assert codes(ended, Exit.USAGE) == {}
    assert all("exhume up" in ended[words].said and "EXHUME_URL" in ended[words].said for words in NETWORKED)


@pytest.mark.usefixtures("no_pauses")
def test_a_server_that_does_not_answer_ends_every_command_with_2(here: Here, tmp_path: Path) -> None:
    commands = {words: tree.filled(words, tmp_path) for words in NETWORKED}
    ended = here.run(commands, tmp_path, EXHUME_URL=CLOSED, EXHUME_API_KEY="exh_key")
    assert codes(ended, Exit.AUDIT_ERROR) == {}
    assert all(CLOSED in one.err for one in ended.values())


@pytest.mark.parametrize("url", ["localhost:8719", "ftp://server", "http://", "http://[::", "server"])
def test_an_address_that_is_not_a_url_ends_with_4(exhume: Forks, url: str, tmp_path: Path) -> None:
    ended = exhume.one(["audit", "list"], tmp_path, EXHUME_URL=url, EXHUME_API_KEY="exh_key")
    assert ended.code == Exit.USAGE
    assert f"EXHUME_URL is '{url}'" in ended.err


@pytest.mark.parametrize("key", ["clé", "exh_a b", "exh_a\nb"])
def test_a_key_that_no_header_takes_ends_with_4(exhume: Forks, key: str, tmp_path: Path) -> None:
    ended = exhume.one(["audit", "list"], tmp_path, EXHUME_URL=CLOSED, EXHUME_API_KEY=key)
    assert ended.code == Exit.USAGE
    assert "EXHUME_API_KEY" in ended.err


def test_a_wrong_setting_ends_with_4_and_is_named(exhume: Forks, tmp_path: Path) -> None:
    commands = {words: words.split() for words in ("up", "stop", "sign-in", "migrate", "api", "audit list")}
    for name, value in {"EXHUME_PORT": "many", "EXHUME_ALLOWED_HOSTS": "no JSON"}.items():
        ended = exhume.run(commands, tmp_path, **{name: value})
        assert codes(ended, Exit.USAGE) == {}
        assert all(f"{name}: " in one.err for one in ended.values())


def test_a_file_that_cannot_be_read_ends_with_4(exhume: Forks, tmp_path: Path) -> None:
    commands = {
        "description": tree.filled("release upload", tmp_path, description=str(tmp_path)),
        "card": tree.filled("verifier upload", tmp_path, card=str(tmp_path)),
        "missing": tree.filled("dataset upload", tmp_path, file=str(tmp_path / "missing.zip")),
        "training": tree.filled("twin plan", tmp_path, training=str(tmp_path / "missing")),
    }
    assert codes(exhume.run(commands, tmp_path), Exit.USAGE) == {}


@pytest.mark.parametrize("words", ["worker --no-such", "worker --concurrency many"])
def test_a_wrong_option_of_the_worker_ends_with_4(exhume: Forks, words: str, tmp_path: Path) -> None:
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9"}
    ended = exhume.one(words.split(), tmp_path, **nowhere)
    assert ended.code == Exit.USAGE
    assert "Traceback" not in ended.err


# Against a server that answers.


@pytest.mark.parametrize(
    ("state", "verdict", "code"),
    [
        ("succeeded", "PASS", Exit.PASS),
        ("succeeded", "FAIL", Exit.GATE_FAILED),
        ("failed", None, Exit.AUDIT_ERROR),
        ("cancelled", None, Exit.AUDIT_ERROR),
        ("succeeded", "INCONCLUSIVE", Exit.INCONCLUSIVE),
        ("running", None, Exit.STILL_RUNNING),
        ("cancelling", None, Exit.STILL_RUNNING),
        ("queued", None, Exit.STILL_RUNNING),
    ],
)
def test_an_audit_gives_its_own_code(
    exhume: Forks, state: str, verdict: str | None, code: Exit, tmp_path: Path
) -> None:
    finished = state in {"succeeded", "failed", "cancelled"}
    with answering(Answering(state=state, verdict=verdict)) as url:
        commands = {"show": ["audit", "show", AUDIT], "json": ["audit", "show", AUDIT, "--json"]}
        commands |= (
            {"wait": ["audit", "wait", AUDIT], "start": tree.filled("audit start", tmp_path)} if finished else {}
        )
        commands |= {"replay": ["replay", AUDIT]} if verdict == "PASS" else {}
        ended = exhume.run(commands, tmp_path, EXHUME_URL=url, EXHUME_API_KEY="exh_key")
    assert codes(ended, code) == {}
    said = {"cancelling": "being cancelled", "queued": "waiting for a worker"}.get(state, state)
    assert (verdict or said) in ended["show"].out


def test_a_replay_with_another_verdict_ends_with_1(exhume: Forks, tmp_path: Path) -> None:
    with answering(Answering(state="succeeded", verdict="PASS", drift="different")) as url:
        ended = exhume.one(["replay", AUDIT], tmp_path, EXHUME_URL=url, EXHUME_API_KEY="exh_key")
    assert ended.code == Exit.GATE_FAILED


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(("status", "code"), [(403, Exit.USAGE), (500, Exit.AUDIT_ERROR)])
def test_what_the_server_rejects_ends_with_4_and_its_own_faults_with_2(
    here: Here, status: int, code: Exit, tmp_path: Path
) -> None:
    commands = {words: tree.filled(words, tmp_path) for words in NETWORKED}
    with answering(Answering(refusing=status)) as url:
        ended = here.run(commands, tmp_path, EXHUME_URL=url, EXHUME_API_KEY="exh_key")
    assert codes(ended, code) == {}
    assert all(f"({status})" in one.err for one in ended.values())


@pytest.mark.parametrize("status", [401, 404, 409, 422, 429])
def test_every_other_rejection_ends_with_4(exhume: Forks, status: int, tmp_path: Path) -> None:
    with answering(Answering(refusing=status)) as url:
        ended = exhume.one(["audit", "show", AUDIT], tmp_path, EXHUME_URL=url, EXHUME_API_KEY="exh_key")
    assert (ended.code, f"({status})" in ended.err) == (Exit.USAGE, True)


# A shell makes programs in the background ignore Ctrl-C, and the programs that they start.
HEEDS_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import app.cli
app.cli.main()
"""


def test_ctrl_c_leaves_the_audit_running_and_says_so(tmp_path: Path) -> None:
    with answering(Answering(state="running", verdict=None)) as url:
        variables = environment(tmp_path, {"EXHUME_URL": url, "EXHUME_API_KEY": "exh_key"})
        words = [sys.executable, "-P", "-c", HEEDS_CTRL_C, "audit", "wait", AUDIT]
        with subprocess.Popen(words, env=variables, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            assert process.stderr.readline() == "attack begins\n"
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
    assert process.returncode == Exit.STILL_RUNNING
    assert f"`exhume audit wait {AUDIT}`" in said


@pytest.mark.parametrize("words", ["audit show", "audit list", "audit show --json"])
def test_output_that_nobody_reads_is_not_a_failed_gate(words: str, tmp_path: Path) -> None:
    with answering(Answering(state="succeeded", verdict="PASS")) as url:
        variables = environment(tmp_path, {"EXHUME_URL": url, "EXHUME_API_KEY": "exh_key"})
        reading, writing = os.pipe()
        os.close(reading)
        command = [sys.executable, "-P", "-m", "app.cli", *words.replace("show", f"show {AUDIT}").split()]
        with subprocess.Popen(command, env=variables, stdout=writing, stderr=subprocess.PIPE) as process:
            os.close(writing)
            assert process.wait(60) == Exit.NOT_READ


def test_a_fault_of_our_own_ends_with_2_and_its_traceback(tmp_path: Path) -> None:
    broken = "import app.cli.registry, app.cli; app.cli.registry.server = None; app.cli.main()"
    words = [sys.executable, "-P", "-c", broken, "project", "list"]
    done = subprocess.run(words, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == Exit.AUDIT_ERROR
    assert "TypeError" in done.stderr
    assert "not a verdict" in done.stderr
