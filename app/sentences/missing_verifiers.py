"""The sentence on an audit for whose images there are no verifiers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lacking:
    """Facts about the audit.

    Attributes:
        images: their size, such as 64x64x3.
        public: name of the public data set.
        seconds: of the training. None where the public data set is too small, or its images are.
        uploaded: number of verifiers in the project that take such images.
        chosen: number of verifiers of the audit, fewer than two.
        people, pictures: least numbers of people and of images of a public data set to train with.
    """

    images: str
    public: str
    seconds: float | None
    uploaded: int
    chosen: int
    people: int
    pictures: int


def missing(lacking: Lacking) -> str:
    """Return that verifiers are missing, and the next step."""
    first = (
        f"No verifiers for images of {lacking.images}."
        if lacking.chosen == 0
        else f"One verifier for images of {lacking.images}, and two are needed."
    )
    if lacking.uploaded >= 2:
        return f"{first} Choose two of the {lacking.uploaded} that were uploaded to this project."
    if lacking.seconds is None:
        return (
            f"{first} The public data set {lacking.public} cannot train them: it takes {lacking.people} people"
            f" with four images each, or {lacking.pictures} images."
        )
    minutes = max(1, round(lacking.seconds / 60))
    return (
        f"{first} Train two on the public data set {lacking.public}, about"
        f" {minutes} minute{'' if minutes == 1 else 's'} on two idle cores, and upload them."
    )
