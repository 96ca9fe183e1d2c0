"""`exhume verify` accepts what was signed for this checkpoint, and its exit code says so."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.contract.decision import Decision
from app.contract.exit_codes import Exit
from app.reports.formats import render
from app.signatures.envelope import sealed
from app.signatures.keys import public_key_of
from tests.unit.cli.answering import AUDIT, Answering, answering
from tests.unit.cli.processes import Ended, Here
from tests.unit.reports.decisions import decision

PRIVATE = bytes(range(32))
WEIGHTS = b"the weights of a model"
RELEASE = {
    "id": None,
    "target": "badge-reader",
    "version": "3",
    "digest": "sha256:5e2202d66fe5e1be93a8f3fe8598de64470b9855164b1d2d57d1fef9aeeda52c",
}
RECORDED = Path(__file__).parents[1] / "signatures" / "recorded"
LATER = "2126-01-01T00:00:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.safetensors").write_bytes(WEIGHTS)
    (tmp_path / "exhume.pem").write_bytes(public_key_of(PRIVATE).pem)
    return tmp_path


def verified(folder: Path, one: Decision, *options: str, name: str = "attestation") -> Ended:
    (folder / "decision.json").write_bytes(sealed(render(name, one), PRIVATE))
    words = ["verify", "decision.json", "model.safetensors", "--key", "exhume.pem", *options]
    return Here().one(words, folder)


def test_a_signed_pass_ends_with_0_and_says_what_was_signed(folder: Path) -> None:
    ended = verified(folder, decision("pass", {}, release=RELEASE, until=LATER))
    assert ended.code == Exit.PASS, ended
    for text in ("badge-reader:3", "PASSED", RELEASE["digest"], public_key_of(PRIVATE).id, "strict version 2"):
        assert str(text) in ended.out
    said = json.loads(verified(folder, decision("warn", {}, release=RELEASE, until=LATER), "--json").out)
    assert (said["result"], said["problem"]) == ("WARNED", None)


@pytest.mark.parametrize(("outcome", "until"), [("fail", LATER), ("pass", "2026-04-01T00:00:00Z")])
def test_a_signed_failure_or_an_old_decision_ends_with_1(folder: Path, outcome: str, until: str) -> None:
    one = decision(outcome, {}, release=RELEASE, until=until)
    ended = verified(folder, one)
    assert (ended.code, "not accepted: " in ended.err) == (Exit.GATE_FAILED, True)
    assert verified(folder, one, "--any-outcome").code == Exit.PASS


def test_a_failed_test_result_ends_with_1(folder: Path) -> None:
    one = decision("fail", {"EXH001": "fail"}, release=RELEASE)
    assert verified(folder, one, name="test-result").code == Exit.GATE_FAILED


def test_a_flipped_bit_of_the_checkpoint_ends_with_1(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(bytes([WEIGHTS[0] ^ 1]) + WEIGHTS[1:])
    ended = verified(folder, decision("pass", {}, release=RELEASE, until=LATER), "--any-outcome")
    assert (ended.code, "about another file" in ended.err) == (Exit.GATE_FAILED, True)


def test_another_key_ends_with_1_and_a_file_without_keys_too(folder: Path) -> None:
    one = decision("pass", {}, release=RELEASE, until=LATER)
    for pem in (public_key_of(bytes(32)).pem, b"nothing"):
        (folder / "exhume.pem").write_bytes(pem)
        assert verified(folder, one, "--any-outcome").code == Exit.GATE_FAILED


def test_the_signature_of_a_model_is_verified_with_the_key_of_its_signer(tmp_path: Path) -> None:
    words = ["verify", str(RECORDED / "model.sig"), str(RECORDED / "face-model" / "model.safetensors")]
    ended = Here().one([*words, "--key", str(RECORDED / "signer.pem")], tmp_path)
    assert (ended.code, "model.safetensors, one of 2 signed files of face-model" in ended.out) == (Exit.PASS, True)
    assert "signed by: sha256:" in ended.out
    without = Here().one(words, tmp_path)
    assert (without.code, "--key" in without.err) == (Exit.USAGE, True)


def test_a_model_that_was_signed_with_a_certificate_ends_with_4(tmp_path: Path) -> None:
    bundle = json.loads((RECORDED / "model.sig").read_text())
    bundle["verificationMaterial"] = {"certificate": {"rawBytes": "AAAA"}}
    (tmp_path / "keyless.sig").write_text(json.dumps(bundle))
    words = ["verify", "keyless.sig", "keyless.sig", "--key", str(RECORDED / "signer.pem")]
    ended = Here().one(words, tmp_path)
    assert (ended.code, "with a certificate" in ended.err) == (Exit.USAGE, True)


class Signing(Answering):
    """A server that signs decisions and lists its key."""

    def answer(self, method: str, path: str) -> Any:
        if path.endswith("/attestation"):
            return json.loads(
                sealed(render("attestation", decision("pass", {}, release=RELEASE, until=LATER)), PRIVATE)
            )
        assert path == "/signing-keys"
        return {"items": [{"pem": public_key_of(PRIVATE).pem.decode()}], "next_cursor": None}


def test_a_decision_is_signed_by_the_server_and_verified_with_its_keys(folder: Path) -> None:
    with answering(Signing()) as url:
        server = {"EXHUME_URL": url, "EXHUME_API_KEY": "exh_key"}
        written = Here().one(["attest", AUDIT, "--output", "signed.json"], folder, **server)
        assert written.code == Exit.PASS, written
        ended = Here().one(["verify", "signed.json", "model.safetensors"], folder, **server)
    assert (ended.code, "PASSED" in ended.out) == (Exit.PASS, True), ended
    nowhere = Here().one(["verify", "signed.json", "model.safetensors"], folder)
    assert (nowhere.code, "EXHUME_URL" in nowhere.err) == (Exit.USAGE, True)
