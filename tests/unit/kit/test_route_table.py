"""The table finds the route that Starlette would find, only faster."""

from typing import Any

import pytest
from starlette.routing import Match, Route

from app.auth.routing import Router
from app.kit.route_table import RouteTable
from app.main import ROUTERS


def endpoint(request: Any) -> None:
    """Answer nothing."""


def tried(routes: list[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return what Starlette finds when it tries one route after another."""
    for route in routes:
        match, scope = route.matches({"type": "http", "method": method, "path": path, "headers": []})
        if match is Match.FULL:
            return route, scope["path_params"]
    return None


def paths(routes: list[Route]) -> list[str]:
    """Return an address of each route, and some that have an empty or a further segment."""
    plain = [route.path.replace("{", "").replace("}", "") for route in routes]
    return plain + [f"{one}/" for one in plain] + [one.replace("_id", "", 1).rpartition("/")[0] for one in plain]


@pytest.mark.parametrize(
    "routes",
    [
        [route for router in ROUTERS for route in router.routes if isinstance(route, Route)],
        # the one that is declared first wins, whether or not a segment is variable
        [Route(path, endpoint, methods=["GET"]) for path in ("/a/{b}/c", "/a/b/{c}", "/{a}/b/c", "/a/b/c", "/a/x/y")],
        [Route("/a/{b}", endpoint, methods=["POST"]), Route("/a/b", endpoint, methods=["GET"])],
    ],
)
def test_it_finds_the_route_that_is_declared_first(routes: list[Route]) -> None:
    table = RouteTable(routes)
    asked = [(method, path) for path in [*paths(routes), "/a/b/c", "/a//c"] for method in ("GET", "POST", "DELETE")]
    assert sum(tried(routes, *one) is not None for one in asked) >= len(routes)
    for one in asked:
        assert table.find(*one) == tried(routes, *one), one


def test_a_variable_inside_a_segment_is_rejected() -> None:
    with pytest.raises(ValueError, match="whole segment"):
        RouteTable([Route("/files/{name}.json", endpoint), Route("/{path:path}", endpoint)])


def test_routes_have_whole_paths() -> None:
    assert {route.path.split("/")[1] for router in ROUTERS for route in router.routes if isinstance(route, Route)} == {
        "api"
    }
    assert Router(tags=["a"]).prefix == "/api/v1"
