"""Registries of attacks, priors and identity losses, by the names that plans use."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from worker.inversion.errors import InvalidRecipe

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """A read-only mapping from name to entry, filled by a decorator at each entry's definition.

    Args:
        what: the noun in error messages, for example "attack".
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._things: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Register the decorated entry under this name. Raises: ValueError if it is taken."""

        def enter(thing: T) -> T:
            if name in self._things:
                raise ValueError(f"{self.what} {name!r} is registered twice")
            self._things[name] = thing
            return thing

        return enter

    def __getitem__(self, name: str) -> T:
        """Return the entry of this name.

        Raises: InvalidRecipe, with the nearest name and all names.
        """
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
