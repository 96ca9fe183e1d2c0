"""Signatures of models, made by `model_signing` 1.1.1 with a key of P-256.

`recorded` holds the signed folder, its signature and the public key of its signer.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from app.signatures.errors import SignatureRefusedError, UnsupportedSignatureError
from app.signatures.keys import PublicKey, new_private_key, public_key_of, read_public_keys
from app.signatures.model_signature import is_bundle, read_model_signature

RECORDED = Path(__file__).parent / "recorded"
BUNDLE = (RECORDED / "model.sig").read_bytes()
CHECKPOINT = f"sha256:{hashlib.sha256((RECORDED / 'face-model' / 'model.safetensors').read_bytes()).hexdigest()}"


@pytest.fixture
def keys() -> list[PublicKey]:
    return read_public_keys((RECORDED / "signer.pem").read_bytes())


def changed(**changes: Any) -> bytes:
    return json.dumps(json.loads(BUNDLE) | changes).encode()


def test_the_signed_checkpoint_is_found_by_its_digest(keys: list[PublicKey]) -> None:
    found = read_model_signature(BUNDLE, CHECKPOINT, [public_key_of(new_private_key()), *keys])
    assert (found.key, found.model, found.name, found.files) == (keys[0], "face-model", "model.safetensors", 2)
    assert is_bundle(json.loads(BUNDLE))


def test_another_checkpoint_or_key_is_rejected(keys: list[PublicKey]) -> None:
    with pytest.raises(SignatureRefusedError, match="no signed file has the digest"):
        read_model_signature(BUNDLE, "sha256:" + "0" * 64, keys)
    with pytest.raises(SignatureRefusedError, match="none of the given keys"):
        read_model_signature(BUNDLE, CHECKPOINT, [public_key_of(new_private_key())])


def test_a_changed_payload_or_signature_is_rejected(keys: list[PublicKey]) -> None:
    envelope = json.loads(BUNDLE)["dsseEnvelope"]
    payload = bytearray(base64.b64decode(envelope["payload"]))
    for place in range(0, len(payload), 7):
        flipped = payload.copy()
        flipped[place] ^= 1 << place % 8
        other = envelope | {"payload": base64.b64encode(flipped).decode()}
        with pytest.raises(SignatureRefusedError):
            read_model_signature(changed(dsseEnvelope=other), CHECKPOINT, keys)
    signature = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
    for place in range(len(signature)):
        flipped = signature.copy()
        flipped[place] ^= 1 << place % 8
        other = envelope | {"signatures": [{"sig": base64.b64encode(flipped).decode(), "keyid": ""}]}
        with pytest.raises(SignatureRefusedError):
            read_model_signature(changed(dsseEnvelope=other), CHECKPOINT, keys)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.2"}, "not a sigstore bundle of the type"),
        ({"verificationMaterial": {"certificate": {"rawBytes": "AAAA"}, "tlogEntries": []}}, "with a certificate"),
        ({"verificationMaterial": {"x509CertificateChain": {"certificates": []}}}, "with a certificate"),
    ],
)
def test_other_kinds_of_signatures_are_named(changes: dict[str, Any], said: str, keys: list[PublicKey]) -> None:
    with pytest.raises(UnsupportedSignatureError, match=said):
        read_model_signature(changed(**changes), CHECKPOINT, keys)


def test_a_bundle_without_its_parts_is_rejected(keys: list[PublicKey]) -> None:
    for changes in ({"verificationMaterial": 1}, {"dsseEnvelope": {}}, {"dsseEnvelope": {"payloadType": "x"}}):
        with pytest.raises(SignatureRefusedError):
            read_model_signature(changed(**changes), CHECKPOINT, keys)
    wrong = {"publicKey": {"hint": "0" * 64}, "tlogEntries": []}
    with pytest.raises(SignatureRefusedError, match="none of the given keys"):
        read_model_signature(changed(verificationMaterial=wrong), CHECKPOINT, keys)
