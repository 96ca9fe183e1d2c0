"""Routes by the segments of their paths. Starlette tries one pattern after another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send


class Placed(NamedTuple):
    """A route, its place in the order of declaration, and the names of its variable segments."""

    place: int
    route: Route
    names: tuple[str, ...]


@dataclass
class Node:
    """What can follow after some segments, and the routes that end there, by method."""

    fixed: dict[str, "Node"] = field(default_factory=dict)
    variable: "Node | None" = None
    ends: dict[str, Placed] = field(default_factory=dict)


class Found(NamedTuple):
    """A route and the values of its variable segments."""

    route: Route
    values: dict[str, str]


class RouteTable(BaseRoute):
    """Finds one of many routes, the one that is declared first where several match.

    It stands before the routes themselves. They answer what is not found here: other methods,
    unknown paths, and requests whose spans FastAPI names after the route.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self._root = Node()
        for place, route in enumerate(routes):
            self._add(place, route)

    def _add(self, place: int, route: Route) -> None:
        node, names = self._root, []
        for segment in route.path.split("/"):
            if not segment.startswith("{"):
                node = node.fixed.setdefault(segment, Node())
                continue
            name = segment.removeprefix("{").removesuffix("}")
            if not name.isidentifier():
                raise ValueError(f"a variable must be a whole segment: {route.path}")
            names.append(name)
            node.variable = node = node.variable or Node()
        for method in route.methods or ():
            node.ends.setdefault(method, Placed(place, route, tuple(names)))

    def find(self, method: str, path: str) -> Found | None:
        """Return the route that answers a method at a path."""
        best: Placed | None = None
        values: list[str] = []
        segments = path.split("/")
        waiting: list[tuple[Node, int, list[str]]] = [(self._root, 0, [])]
        while waiting:
            node, depth, seen = waiting.pop()
            if depth == len(segments):
                end = node.ends.get(method)
                if end is not None and (best is None or end.place < best.place):
                    best, values = end, seen
                continue
            segment = segments[depth]
            if segment and node.variable is not None:
                waiting.append((node.variable, depth + 1, [*seen, segment]))
            if (following := node.fixed.get(segment)) is not None:
                waiting.append((following, depth + 1, seen))
        return None if best is None else Found(best.route, dict(zip(best.names, values, strict=True)))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return the route and its values for the scope."""
        if scope["type"] != "http" or scope.get("root_path") or scope.get("fastapi.telemetry") is not None:
            return Match.NONE, {}
        found = self.find(scope["method"], scope["path"])
        if found is None:
            return Match.NONE, {}
        params: Mapping[str, str] = found.values
        return Match.FULL, {"endpoint": found.route.endpoint, "path_params": params, "route": found.route}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to the route that was found."""
        await scope["route"].app(scope, receive, send)
