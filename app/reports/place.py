"""Place in the repository that a report points at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A line of a committed file: the digest of the checkpoint in `exhume.yaml`.

    GitHub shows an alert on a pull request only if its line is part of the change. The digest line
    changes exactly when the checkpoint does.
    """

    path: str = "exhume.yaml"
    line: int = 1
