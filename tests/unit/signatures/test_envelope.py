"""DSSE envelopes: the exact encoding, and no changed bit that goes unnoticed."""

import base64
import json
from typing import Any

import pytest

from app.contract.predicates import PAYLOAD_TYPE
from app.reports.formats import render
from app.signatures.envelope import opened, pae, sealed
from app.signatures.errors import SignatureRefusedError, UnsupportedSignatureError
from app.signatures.evidence import read_evidence
from app.signatures.keys import new_private_key, public_key_of, read_public_keys, sign
from tests.unit.reports.decisions import CHECKPOINT, DECISIONS

PRIVATE = bytes(range(32))
KEY = public_key_of(PRIVATE)
STATEMENT = render("attestation", DECISIONS["fail"])
ENVELOPE = sealed(STATEMENT, PRIVATE)


def test_the_encoding_is_that_of_the_specification() -> None:
    """The example of the DSSE protocol, version 1."""
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "


def test_an_envelope_opens_with_the_key_that_signed_it() -> None:
    payload, key = opened(ENVELOPE, [public_key_of(new_private_key()), KEY])
    assert (payload, key) == (STATEMENT, KEY)
    assert sealed(STATEMENT, PRIVATE) == ENVELOPE


def test_a_flipped_bit_anywhere_is_noticed() -> None:
    """One bit of each byte, another one each time."""
    accepted = []
    for place in range(len(ENVELOPE)):
        flipped = bytearray(ENVELOPE)
        flipped[place] ^= 1 << place % 8
        try:
            read_evidence(bytes(flipped), CHECKPOINT, [KEY])
        except SignatureRefusedError:
            continue
        accepted.append(place)
    assert accepted == []


def test_every_bit_of_the_signature_and_the_last_of_the_payload_count() -> None:
    document = json.loads(ENVELOPE)
    signature = document["signatures"][0]["sig"]
    for text, place in [(signature, place) for place in range(len(signature))]:
        for other in "ABCDwxyz+/=":
            if other != text[place]:
                document["signatures"][0]["sig"] = text[:place] + other + text[place + 1 :]
                with pytest.raises(SignatureRefusedError):
                    opened(json.dumps(document).encode(), [KEY])


def _changed(**changes: Any) -> bytes:
    return json.dumps(json.loads(ENVELOPE) | changes).encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON"),
        (b"[]", "not a DSSE envelope"),
        (b"{}" + b" " * 1_000_000, "the limit is"),
        (_changed(extra=1), "not a DSSE envelope"),
        (_changed(payloadType="text/plain"), "does not hold an in-toto statement"),
        (_changed(signatures=[]), "no signature"),
        (_changed(signatures=[{"sig": "AAAA"}]), "`keyid` and `sig`"),
        (_changed(payload=3), "not base64"),
        (_changed(payload="AB=="), "not canonical base64"),
        (sealed(STATEMENT, bytes(32)), "none of the given keys"),
        (sealed(b"[]", PRIVATE), "not a statement"),
        (sealed(b'{"_type": "https://in-toto.io/Statement/v1", "subject": []}', PRIVATE), "exactly one subject"),
    ],
)
def test_a_file_that_is_not_evidence_is_rejected_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(SignatureRefusedError, match=said):
        read_evidence(data, CHECKPOINT, [KEY])


def test_evidence_about_another_checkpoint_is_rejected() -> None:
    with pytest.raises(SignatureRefusedError, match="about another file"):
        read_evidence(ENVELOPE, "sha256:" + "0" * 64, [KEY])
    other = json.loads(STATEMENT)
    other["subject"][0]["digest"]["sha256"] = "0" * 64
    with pytest.raises(SignatureRefusedError, match="another checkpoint than its statement"):
        read_evidence(sealed(json.dumps(other).encode(), PRIVATE), "sha256:" + "0" * 64, [KEY])


def test_a_signature_over_the_payload_alone_is_rejected() -> None:
    """The type of the payload is signed, too."""
    signature = base64.b64encode(sign(PRIVATE, STATEMENT)).decode()
    with pytest.raises(SignatureRefusedError, match="does not match"):
        opened(_changed(signatures=[{"keyid": KEY.id, "sig": signature}]), [KEY])
    assert json.loads(ENVELOPE)["payloadType"] == PAYLOAD_TYPE


@pytest.mark.parametrize(("name", "result"), [("pass", "PASSED"), ("waived", "WARNED"), ("fail", "FAILED")])
def test_a_test_result_is_evidence_too(name: str, result: str) -> None:
    evidence = read_evidence(sealed(render("test-result", DECISIONS[name]), PRIVATE), CHECKPOINT, [KEY])
    assert (evidence.result, evidence.release, evidence.decision) == (result, "badge-reader:3", None)


def test_a_key_file_holds_several_keys() -> None:
    other = public_key_of(new_private_key())
    assert read_public_keys(KEY.pem + b"a comment\n" + other.pem) == [KEY, other]
    with pytest.raises(SignatureRefusedError, match="no block"):
        read_public_keys(b"ssh-ed25519 AAAA")
    with pytest.raises(SignatureRefusedError, match="cannot be read"):
        read_public_keys(b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")


def test_a_key_of_another_kind_is_not_supported() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256K1()).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(UnsupportedSignatureError, match="P-256"):
        read_public_keys(pem)
