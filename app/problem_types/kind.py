"""One kind of problem."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProblemType:
    """The general explanation of a problem. The `detail` of a problem has the specifics.

    `status` is the HTTP status, or several if the code is used for different kinds of requests. A
    problem that is only recorded with a job or an upload has a status too.
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
