"""Sentences about identities that were erased after an audit."""

from datetime import datetime


def erased_in_result(pseudonym: str, when: datetime) -> str:
    """Return the note in the result of an audit that attacked an identity or used its images."""
    return (
        f"{pseudonym}, an identity of the private data set, was erased on {when:%Y-%m-%d}. Its images and "
        "reconstructions are gone. All figures and digests are those of the audit as it ran."
    )


def erased_in_set(pseudonym: str, images: int, when: datetime, before: str) -> str:
    """Return the note of a data set that images of an identity were taken from."""
    return (
        f"The identity {pseudonym} was erased on {when:%Y-%m-%d}: {images:,} images were removed. Earlier audits name "
        f"the digest before, {before}."
    )
