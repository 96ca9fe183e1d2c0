"""`/problems/{code}` explains a kind of problem to people and programs, without a key."""

import re

import httpx
import pytest

from app.problem_types import TYPES
from app.system.accepted import prefers_html
from app.system.problem_pages import STYLE
from tests.api.conftest import problem

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_the_type_of_a_problem_leads_to_its_explanation(anonymous: httpx.AsyncClient) -> None:
    kind = problem(await anonymous.get("/api/v1/projects"), 401, "not_signed_in")["type"]
    answer = await anonymous.get(kind)
    assert answer.status_code == 200
    assert answer.json() == {
        "type": "/problems/not_signed_in",
        "code": "not_signed_in",
        "statuses": [401],
        "title": TYPES["not_signed_in"].title,
        "happened": TYPES["not_signed_in"].happened,
        "why": TYPES["not_signed_in"].why,
        "what_to_do": TYPES["not_signed_in"].do,
    }


async def test_a_browser_gets_a_page_with_security_headers(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/problems/offset_mismatch", headers=BROWSER)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; frame-ancestors 'none'; style-src 'sha256-")
    for text in ("Wrong offset", "409 Conflict", "<code>Upload-Offset</code>", "What to do"):
        assert text in answer.text
    assert f"<style>{STYLE}</style>" in answer.text


async def test_the_list_names_and_links_all_of_them(anonymous: httpx.AsyncClient) -> None:
    listed = (await anonymous.get("/problems")).json()["items"]
    assert [one["code"] for one in listed] == sorted(TYPES)
    page = (await anonymous.get("/problems", headers=BROWSER)).text
    assert re.findall(r'href="/problems/([^"]+)"', page) == sorted(TYPES)


@pytest.mark.parametrize("headers", [{}, BROWSER])
async def test_an_unknown_code_is_a_problem(anonymous: httpx.AsyncClient, headers: dict[str, str]) -> None:
    problem(await anonymous.get("/problems/nothing", headers=headers), 404, "no_such_problem_type")


async def test_another_method_is_not_answered_with_the_dashboard(anonymous: httpx.AsyncClient) -> None:
    problem(await anonymous.post("/problems/internal"), 405, "method_not_allowed")
    assert (await anonymous.head("/problems/nothing", headers=BROWSER)).status_code == 404


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (BROWSER["Accept"], True),
        ("text/html", True),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/json, text/html", False),
        ("text/html;q=0.5, application/json;q=0.9", False),
        ("text/html;q=0.9, application/json;q=0.5", True),
        ("text/*, application/json;q=0.1", True),
        ("text/html;q=oops", False),
    ],
)
def test_a_page_is_sent_where_it_is_preferred(accept: str, html: bool) -> None:
    assert prefers_html(accept) is html
