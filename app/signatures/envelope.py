"""DSSE envelopes: a payload with its type and signatures over both."""

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Any

from app.contract.predicates import PAYLOAD_TYPE
from app.formats.strict_json import JsonRefusedError, strict_json
from app.signatures.errors import SignatureRefusedError
from app.signatures.keys import LARGEST_FILE, PublicKey, public_key_of, sign

DEEPEST, MOST_MEMBERS, MOST_SIGNATURES = 20, 100_000, 10


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding of DSSE version 1, which is what is signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sealed(payload: bytes, private: bytes) -> bytes:
    """Return an envelope around an in-toto statement, signed with an Ed25519 key."""
    signature = sign(private, pae(PAYLOAD_TYPE, payload))
    document = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": public_key_of(private).id, "sig": base64.b64encode(signature).decode()}],
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def opened(data: bytes, keys: Iterable[PublicKey]) -> tuple[bytes, PublicKey]:
    """Return the payload of an envelope and the key that signed it.

    Every byte counts: unknown members, a key id of another key and base64 that another encoder
    would write in another way are rejected.

    Raises: SignatureRefusedError.
    """
    document = parsed(data)
    if not isinstance(document, dict) or set(document) != {"payload", "payloadType", "signatures"}:
        raise SignatureRefusedError("the file is not a DSSE envelope")
    if document["payloadType"] != PAYLOAD_TYPE:
        raise SignatureRefusedError(f"the envelope does not hold an in-toto statement ({PAYLOAD_TYPE})")
    payload, signatures = decoded(document["payload"]), document["signatures"]
    if not isinstance(signatures, list) or not 0 < len(signatures) <= MOST_SIGNATURES:
        raise SignatureRefusedError("the envelope has no signature, or too many")
    by_id = {key.id: key for key in keys}
    for one in signatures:
        if not isinstance(one, dict) or set(one) != {"keyid", "sig"}:
            raise SignatureRefusedError("a signature of the envelope does not consist of `keyid` and `sig`")
        key = by_id.get(str(one["keyid"]))
        if key and key.verifies(decoded(one["sig"]), pae(PAYLOAD_TYPE, payload)):
            return payload, key
        if key:
            raise SignatureRefusedError("the signature does not match: the file or its signature was changed")
    signers = ", ".join(str(one["keyid"])[:80] for one in signatures)
    raise SignatureRefusedError(f"none of the given keys signed this file; it names {signers}")


def parsed(data: bytes) -> Any:
    """Return the JSON of a signed file.

    Raises: SignatureRefusedError.
    """
    if len(data) > LARGEST_FILE:
        raise SignatureRefusedError(f"the file has {len(data):,} bytes; the limit is {LARGEST_FILE:,}")
    try:
        return strict_json(data, depth=DEEPEST, members=MOST_MEMBERS, fractions=True)
    except JsonRefusedError as error:
        raise SignatureRefusedError(f"the file is not valid: {error}") from error


def decoded(text: Any) -> bytes:
    """Return the bytes of canonical base64.

    Raises: SignatureRefusedError.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise SignatureRefusedError("a member of the file is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise SignatureRefusedError("a member of the file is not canonical base64")
    return data
