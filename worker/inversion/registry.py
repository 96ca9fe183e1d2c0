"""Things that a plan names: attacks, priors and identity losses, each registered once under the field's name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from worker.inversion.errors import InvalidRecipe

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """A read-only mapping from name to thing, filled by a decorator where each thing is defined.

    Args:
        what: the noun of error messages, for example "attack".
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._things: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Enter the decorated thing under this name. Raises: ValueError when the name is taken."""

        def enter(thing: T) -> T:
            if name in self._things:
                raise ValueError(f"{self.what} {name!r} is registered twice")
            self._things[name] = thing
            return thing

        return enter

    def __getitem__(self, name: str) -> T:
        """The thing of this name. Raises: InvalidRecipe, with the nearest name and all names."""
        if name not in self._things:
            near = difflib.get_close_matches(str(name), self._things, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InvalidRecipe(f"{self.what} {name!r} is unknown{hint}; known: {sorted(self._things)}")
        return self._things[name]

    def __contains__(self, name: object) -> bool:
        return name in self._things

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)
