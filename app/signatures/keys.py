"""Public keys in PEM and their ids, and the private Ed25519 key of a service.

`cryptography` is imported inside the functions, because the command line imports this module and
few commands sign or verify.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from app.signatures.errors import SignatureRefusedError, UnsupportedSignatureError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PEM_BLOCK = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
LARGEST_FILE = 1_000_000
CURVES = ("secp256r1", "secp384r1", "secp521r1")


@dataclass(frozen=True)
class PublicKey:
    """A public key that verifies: Ed25519, or ECDSA on P-256, P-384 or P-521."""

    loaded: "Ed25519PublicKey | EllipticCurvePublicKey"

    @property
    def pem(self) -> bytes:
        """Return SubjectPublicKeyInfo in PEM."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self.loaded.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def id(self) -> str:
        """Return `sha256:` and the digest of SubjectPublicKeyInfo in DER."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        der = self.loaded.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"sha256:{hashlib.sha256(der).hexdigest()}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Return whether this key made the signature."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        try:
            if isinstance(self.loaded, ec.EllipticCurvePublicKey):
                by_size = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
                self.loaded.verify(signature, message, ec.ECDSA(by_size[self.loaded.key_size]))
            else:
                self.loaded.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def read_public_keys(pem: bytes) -> list[PublicKey]:
    """Return all public keys of a PEM file.

    Raises: SignatureRefusedError, UnsupportedSignatureError.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    found = []
    for block in PEM_BLOCK.findall(pem[:LARGEST_FILE]):
        try:
            key = load_pem_public_key(block + b"\n")
        except ValueError as error:
            raise SignatureRefusedError(f"the key cannot be read: {error}") from error
        curve = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES
        if not curve and not isinstance(key, ed25519.Ed25519PublicKey):
            raise UnsupportedSignatureError("the key is neither Ed25519 nor ECDSA on P-256, P-384 or P-521")
        found.append(PublicKey(cast("Ed25519PublicKey | EllipticCurvePublicKey", key)))
    if not found:
        raise SignatureRefusedError("the key file has no block that begins with -----BEGIN PUBLIC KEY-----")
    return found


def new_private_key() -> bytes:
    """Return the 32 bytes of a new Ed25519 private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_key_of(private: bytes) -> PublicKey:
    """Return the public half of an Ed25519 private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return PublicKey(Ed25519PrivateKey.from_private_bytes(private).public_key())


def sign(private: bytes, message: bytes) -> bytes:
    """Return the Ed25519 signature of a message. It is the same every time."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private).sign(message)
