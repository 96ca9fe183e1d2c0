"""`exhume gate` against a service in memory: each exit code, and what is sent and written."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.contract.decision import Decision
from app.contract.exit_codes import Exit, of_decision
from tests.unit.cli.gate.folder import write_folder
from tests.unit.cli.processes import Ended, Forks, Here, environment, forking
from tests.unit.client.listening import listening
from tests.unit.client.service import Service, decision


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with forking(tmp_path_factory.mktemp("forks")) as running:
        yield running


@pytest.fixture
def here() -> Here:
    return Here()


def gate(runs: Here | Forks, service: Service, folder: Path, *words: str) -> Ended:
    with listening(service) as url:
        return runs.one(["gate", *words], folder, EXHUME_URL=url, EXHUME_API_KEY="exh_key")


UNDECIDED = ("EXH001=inconclusive", "EXH005=fail")


@pytest.mark.parametrize(
    ("service", "words", "code"),
    [
        (Service(), [], Exit.PASS),
        (Service(decided=decision("warn", "EXH006=warn")), [], Exit.PASS),
        (Service(decided=decision("fail", "EXH001=fail")), [], Exit.GATE_FAILED),
        (Service(decided=decision("fail", "EXH001=pass", "EXH006=fail")), [], Exit.GATE_FAILED),
        (Service(decided=decision("fail", *UNDECIDED, "EXH003=fail")), [], Exit.GATE_FAILED),
        (Service(decided=decision("fail", *UNDECIDED)), [], Exit.INCONCLUSIVE),
        (Service(ends="failed", decided=decision("fail", "EXH009=fail")), [], Exit.AUDIT_ERROR),
        (Service(ends="cancelled", decided=decision("fail", "EXH009=fail")), [], Exit.AUDIT_ERROR),
        (Service(refusing={"/decision": 500}), [], Exit.AUDIT_ERROR),
        (Service(refusing={"POST /projects": 403}), [], Exit.USAGE),
        (Service(), ["--config", "other.yaml"], Exit.USAGE),
        (Service(ends="running"), ["--timeout", "0.01"], Exit.STILL_RUNNING),
        (Service(ends="running"), ["--no-wait"], Exit.STILL_RUNNING),
    ],
    ids=lambda value: value.name if isinstance(value, Exit) else None,
)
def test_every_exit_code_is_that_of_a_process(
    forks: Forks, service: Service, words: list[str], code: Exit, tmp_path: Path
) -> None:
    write_folder(tmp_path)
    ended = gate(forks, service, tmp_path, *words)
    assert ended.code == code, ended
    assert "Traceback" not in ended.said


def test_what_is_not_waived_decides_between_failed_and_inconclusive() -> None:
    def code(*rules: str) -> Exit:
        return of_decision(Decision.model_validate(decision("fail", *rules)))

    assert code("EXH001=inconclusive", "EXH005=fail") == Exit.INCONCLUSIVE
    assert code("EXH001=inconclusive", "EXH005=fail", "EXH006=waived", "EXH008=warn") == Exit.INCONCLUSIVE
    assert code("EXH001=inconclusive", "EXH005=fail", "EXH007=fail") == Exit.GATE_FAILED
    assert code("EXH001=inconclusive", "EXH009=fail") == Exit.AUDIT_ERROR
    assert code("EXH001=fail", "EXH005=fail") == Exit.GATE_FAILED


def test_the_sentence_and_the_next_step_are_printed_and_the_reports_written(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path, outputs={"sarif": "reports/exhume.sarif", "json": "decision.json"})
    here.one(["gate", "--update-digest"], tmp_path)
    service = Service(decided=decision("fail", "EXH001=fail"))
    ended = gate(here, service, tmp_path, "-o", "markdown=summary.md", "-o", "json=other.json")
    assert ended.out == "FAIL  The decision is fail.\nNext: Retrain the model with fewer epochs.\n"
    assert not (tmp_path / "decision.json").exists()
    assert json.loads((tmp_path / "other.json").read_text())["outcome"] == "fail"
    assert "The decision is fail" in (tmp_path / "summary.md").read_text().replace("\\", "")
    run = json.loads((tmp_path / "reports" / "exhume.sarif").read_text())["runs"][0]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    line = (tmp_path / "exhume.yaml").read_text().splitlines()[place["region"]["startLine"] - 1]
    assert (place["artifactLocation"]["uri"], line.split(":")[0].strip()) == ("exhume.yaml", "digest")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_report_on_standard_output_is_there_alone(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path)
    ended = gate(here, Service(), tmp_path, "-o", "json=-", "-o", "markdown=/dev/null")
    assert json.loads(ended.out)["outcome"] == "pass"
    assert "PASS  The decision is pass." in ended.err


def test_a_second_run_sends_nothing_and_uses_the_same_audit(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path)
    service = Service()
    assert gate(here, service, tmp_path).code == Exit.PASS
    assert (len(service.rows["releases"]), len(service.rows["datasets"])) == (1, 2)
    service.asked.clear()
    ended = gate(here, service, tmp_path)
    assert ended.code == Exit.PASS
    assert [one for one in service.asked if not one.startswith("GET ")] == []
    assert "badge-reader:" in ended.err
    assert "has finished" in ended.err
    assert gate(here, service, tmp_path, "--again").code == Exit.PASS
    assert len(service.rows["audits"]) == 2


def test_a_changed_checkpoint_data_set_or_plan_is_a_new_one(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path)
    service = Service()
    gate(here, service, tmp_path)
    write_folder(tmp_path, plan={"effort": "deep", "attacks": ["gmi"], "identities": 3})
    gate(here, service, tmp_path)
    assert [one["request"]["effort"] for one in service.rows["audits"]] == ["quick", "deep"]
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    gate(here, service, tmp_path)
    assert len(service.rows["releases"]) == 2
    (tmp_path / "public.zip").write_bytes(b"other")
    gate(here, service, tmp_path)
    names = [one["name"] for one in service.rows["datasets"]]
    assert (names[:2], names[2].startswith("public-")) == (["public", "private"], True)
    (tmp_path / "model.json").write_text((tmp_path / "model.json").read_text().replace("bob", "cyd"))
    gate(here, service, tmp_path)
    assert [one["version"] for one in service.rows["releases"]][2].endswith("-2")


def test_a_broken_upload_is_continued_by_the_next_run(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path)
    service = Service(refusing={"/releases/rel_00000000000000000000000000000001/uploads": 500})
    assert gate(here, service, tmp_path).code == Exit.AUDIT_ERROR
    service.refusing.clear()
    assert gate(here, service, tmp_path).code == Exit.PASS
    assert len(service.rows["releases"]) == 1


def test_another_checkpoint_than_the_one_that_is_stated_is_not_audited(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path)
    ended = here.one(["gate", "--update-digest"], tmp_path)
    assert (ended.code, "Commit it with the checkpoint" in ended.said) == (Exit.PASS, True)
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    service = Service()
    ended = gate(here, service, tmp_path)
    assert ended.code == Exit.USAGE
    assert "exhume.yaml:4:3: the checkpoint is sha256:" in ended.said
    assert "run `exhume gate --update-digest` and commit the change" in ended.said
    assert service.rows["releases"] == []
    assert here.one(["gate", "--update-digest"], tmp_path).code == Exit.PASS
    assert gate(here, service, tmp_path).code == Exit.PASS
    assert "already" in here.one(["gate", "--update-digest"], tmp_path).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "sarif"], "must be FORMAT=PATH"),
        (["-o", "sarf=x"], "'sarf' is not a format. The formats are json, sarif"),
        (["-o", "json=model.json/x"], "model.json"),
        (["-o", "json=."], "cannot be written"),
    ],
)
def test_an_output_that_cannot_be_written_is_noticed_before_the_audit(
    here: Here, words: list[str], said: str, tmp_path: Path
) -> None:
    write_folder(tmp_path)
    service = Service()
    ended = gate(here, service, tmp_path, *words)
    assert (ended.code, said in ended.said) == (Exit.USAGE, True), ended
    assert service.asked == []


@pytest.mark.parametrize("named", ["door", {"name": "door"}])
def test_a_data_set_of_the_server_is_named(here: Here, named: Any, tmp_path: Path) -> None:
    write_folder(tmp_path, data={"public": named})
    service = Service()
    ended = gate(here, service, tmp_path)
    assert ended.code == Exit.USAGE
    assert "there is no public data set named 'door'. The server has none." in ended.said


def test_local_takes_nothing_from_a_server(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path, policy="strict", data={"public": "faces", "private": {"file": "private.zip"}})
    ended = here.one(["gate", "--local"], tmp_path)
    assert ended.code == Exit.USAGE
    assert "exhume.yaml:6:3: --local has no data sets of a server. Give the file of the public one" in ended.said
    assert "exhume.yaml:11:1: --local has no policies of a server" in ended.said


def test_a_policy_of_the_server_is_applied_to_the_target(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path, policy="strict")
    service = Service()
    ended = gate(here, service, tmp_path)
    assert ended.code == Exit.USAGE
    assert "there is no policy named 'strict'. The server has none. To use a file, write" in ended.said
    policy = {"id": "pol_1", "project_id": service.rows["projects"][0]["id"], "name": "strict"}
    service.rows["policies"].append(policy | {"newest": {"version": 1, "policy": {"budgets": {"white_box": 0.2}}}})
    assert gate(here, service, tmp_path).code == Exit.PASS
    assert service.rows["targets"][0]["policy_id"] == "pol_1"
    assert service.rows["audits"][0]["request"]["budget"] == 0.2
    service.decided["policy"]["id"] = "pol_2"
    ended = gate(here, service, tmp_path)
    assert (ended.code, "The policy 'default' decided, not 'strict'" in ended.said) == (Exit.USAGE, True)


def test_a_policy_of_the_file_is_stored_once_and_gets_a_version_when_it_changes(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path, policy={"file": "release-gate.yaml"})
    (tmp_path / "release-gate.yaml").write_text("budgets: {white_box: 0.9}\n")
    service = Service()
    gate(here, service, tmp_path)
    service.asked.clear()
    gate(here, service, tmp_path)
    assert [one for one in service.asked if not one.startswith("GET ")] == []
    (tmp_path / "release-gate.yaml").write_text("budgets: {white_box: 0.8}\n")
    assert gate(here, service, tmp_path).code == Exit.PASS
    (stored,) = service.rows["policies"]
    assert (stored["name"], stored["newest"]["version"]) == ("release-gate", 2)
    assert stored["newest"]["policy"]["budgets"]["white_box"] == 0.8
    assert len(service.rows["audits"]) == 1  # another budget needs no other attack


def test_a_key_that_may_not_store_policies_is_told_what_it_needs(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path)
    ended = gate(here, Service(refusing={"/policies": 403}), tmp_path)
    assert (ended.code, "Or let somebody who has it run" in ended.said) == (Exit.USAGE, True)
    assert "the policy does not apply yet to badge-reader" in ended.said


def test_a_policy_that_can_never_pass_is_rejected_before_anything_is_sent(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path, policy={"budgets": {"white_box": 0.05}})
    service = Service()
    ended = gate(here, service, tmp_path)
    assert ended.code == Exit.USAGE
    assert "the policy can never pass. A budget of 5 % can only be met with at least 59 identities" in ended.said
    assert service.asked == []
    write_folder(tmp_path, plan={"identities": 20})
    description = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(description | {"classes": [f"n{one}" for one in range(90)]}))
    (tmp_path / "exhume.yaml").write_text((tmp_path / "exhume.yaml").read_text().replace("0.9", "0.05"))
    ended = gate(here, service, tmp_path)
    assert "exhume.yaml:11:3: the policy can never pass. It needs 59 identities, and the plan attacks 20" in ended.said


def test_a_target_without_a_policy_needs_one(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path, policy=None)
    ended = gate(here, Service(), tmp_path)
    assert (ended.code, "no policy applies to badge-reader. Add `policy:`" in ended.said) == (Exit.USAGE, True)


def test_a_verdict_that_is_too_old_is_replaced_by_a_new_audit(here: Here, tmp_path: Path) -> None:
    write_folder(tmp_path)
    service = Service()
    gate(here, service, tmp_path)
    service.decided = decision("fail", "EXH008=fail")
    ended = gate(here, service, tmp_path)
    assert ended.code == Exit.GATE_FAILED
    assert "does not count any more" in ended.err
    assert len(service.rows["audits"]) == 2


def test_a_checkpoint_is_fetched_from_an_address_once(here: Here, tmp_path: Path) -> None:
    address = "hf://owner/name@0123456789abcdef/model.safetensors"
    write_folder(tmp_path, checkpoint={"address": address, "description": "model.json", "digest": FETCHED})
    service = Service()
    assert gate(here, service, tmp_path).code == Exit.PASS
    service.asked.clear()
    assert gate(here, service, tmp_path).code == Exit.PASS
    assert [one for one in service.asked if not one.startswith("GET ")] == []
    ended = here.one(["gate", "--update-digest"], tmp_path)
    assert (ended.code, "Run `exhume gate` once" in ended.said) == (Exit.USAGE, True)


FETCHED = "sha256:" + "c" * 64


# A shell makes programs in the background ignore Ctrl-C.
HEEDS_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import app.cli
app.cli.main()
"""


def test_ctrl_c_leaves_the_audit_running_and_says_so(tmp_path: Path) -> None:
    write_folder(tmp_path)
    with listening(Service(ends="running")) as url:
        variables = environment(tmp_path, {"EXHUME_URL": url, "EXHUME_API_KEY": "exh_key"})
        words = [sys.executable, "-P", "-c", HEEDS_CTRL_C, "gate"]
        with subprocess.Popen(words, env=variables, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            while not process.stderr.readline().startswith("attack begins"):
                assert process.poll() is None
            os.kill(process.pid, signal.SIGINT)
            _, said = process.communicate(timeout=60)
    assert process.returncode == Exit.STILL_RUNNING
    assert "The audit continues" in said
