"""One kind of problem."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProblemType:
    """What everybody with this problem needs to know; the `detail` of a problem says the rest.

    `status` is the HTTP status, or several where the same code answers requests of different kinds. A problem that
    is recorded with a job or an upload has a status too, although nothing was answered with it.
    """

    status: int | tuple[int, ...]
    title: str
    happened: str
    why: str
    do: str

    @property
    def statuses(self) -> tuple[int, ...]:
        """The HTTP statuses."""
        return self.status if isinstance(self.status, tuple) else (self.status,)
