"""Errors of signatures."""


class SignatureRefusedError(ValueError):
    """The file, its signature or its subject does not hold. The message says which."""


class UnsupportedSignatureError(ValueError):
    """The signature is of a kind that Exhume does not verify."""
