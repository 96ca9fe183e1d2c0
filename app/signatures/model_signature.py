"""Signatures of models by OpenSSF model signing 1.x: a sigstore bundle over the digests of files.

Only signatures made with a key are verified (`model_signing sign key`). One made with a
certificate, keyless or not, needs trust roots and the record of a transparency log.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from app.contract.predicates import MODEL_SIGNATURE_TYPE, PAYLOAD_TYPE, STATEMENT_TYPE
from app.signatures.envelope import decoded, pae, parsed
from app.signatures.errors import SignatureRefusedError, UnsupportedSignatureError
from app.signatures.keys import PublicKey

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"


@dataclass(frozen=True)
class ModelSignature:
    """A verified signature.

    Attributes:
        model: name of the signed folder.
        name: name of the checkpoint in it.
        files: number of signed files.
    """

    key: PublicKey
    model: str
    name: str
    files: int


def is_bundle(document: Any) -> bool:
    """Return whether a document is a sigstore bundle, of any version."""
    return isinstance(document, dict) and "sigstore.bundle" in str(document.get("mediaType"))


def read_model_signature(data: bytes, checkpoint: str, keys: list[PublicKey]) -> ModelSignature:
    """Verify a bundle and find the checkpoint, by its digest, among the files it signs.

    Raises: SignatureRefusedError, UnsupportedSignatureError.
    """
    bundle = parsed(data)
    if not isinstance(bundle, dict) or bundle.get("mediaType") != BUNDLE:
        raise UnsupportedSignatureError(f"the file is not a sigstore bundle of the type {BUNDLE}")
    payload, key = _opened(bundle, keys)
    statement = parsed(payload)
    try:
        if statement["_type"] != STATEMENT_TYPE or statement["predicateType"] != MODEL_SIGNATURE_TYPE:
            raise UnsupportedSignatureError(f"the bundle does not sign a model ({MODEL_SIGNATURE_TYPE})")
        (subject,) = statement["subject"]
        resources = [(one["algorithm"], one["digest"], one["name"]) for one in statement["predicate"]["resources"]]
        root = hashlib.sha256(b"".join(bytes.fromhex(digest) for _, digest, _ in resources)).hexdigest()
        if root != subject["digest"]["sha256"]:
            raise SignatureRefusedError("the digest of the whole model does not match those of its files")
        model = str(subject["name"])
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, SignatureRefusedError | UnsupportedSignatureError):
            raise
        raise SignatureRefusedError("the signed statement does not list the files of a model") from error
    for algorithm, digest, name in resources:
        if f"{algorithm}:{digest}" == checkpoint:
            return ModelSignature(key, model, str(name), len(resources))
    if not any(algorithm == "sha256" for algorithm, _, _ in resources):
        raise UnsupportedSignatureError("the files are signed by digests other than SHA-256 of a whole file")
    raise SignatureRefusedError(f"no signed file has the digest of the checkpoint, {checkpoint}")


def _opened(bundle: dict[str, Any], keys: list[PublicKey]) -> tuple[bytes, PublicKey]:
    material, envelope = bundle.get("verificationMaterial"), bundle.get("dsseEnvelope")
    if not isinstance(material, dict) or not isinstance(envelope, dict):
        raise SignatureRefusedError("the bundle has no verification material or no DSSE envelope")
    if "publicKey" not in material:
        raise UnsupportedSignatureError(
            "the model was signed with a certificate; Exhume verifies signatures that were made with a key"
        )
    if envelope.get("payloadType") != PAYLOAD_TYPE:
        raise SignatureRefusedError(f"the envelope does not hold an in-toto statement ({PAYLOAD_TYPE})")
    payload, signatures = decoded(envelope.get("payload")), envelope.get("signatures")
    if not isinstance(signatures, list) or len(signatures) != 1 or not isinstance(signatures[0], dict):
        raise SignatureRefusedError("the bundle does not have exactly one signature")
    signature = decoded(signatures[0].get("sig"))
    hint = material["publicKey"].get("hint") if isinstance(material["publicKey"], dict) else None
    for key in keys:
        if hint in (None, hashlib.sha256(key.pem).hexdigest()) and key.verifies(signature, pae(PAYLOAD_TYPE, payload)):
            return payload, key
    raise SignatureRefusedError("none of the given keys made this signature, or the file was changed")
