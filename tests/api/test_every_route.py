"""Every route of the API with every role, and with the ids of another organisation.

Both tests walk the OpenAPI document, so a new route is tested before anybody thinks of it.
"""

from functools import cache
from typing import Any

import httpx

from app.auth.roles import SCOPES
from app.auth.scopes import Scope
from app.db.models import Role
from app.kit.ids import parse_id
from tests.api.conftest import created, with_key
from tests.api.people import join
from tests.api.whole_document import Operation, add_rows, operations, unknown

OPERATOR_ONLY = {
    *("people-list", "people-disable", "people-enable", "people-recover"),
    *("organisations-create", "signing-keys-rotate", "limits-set"),
    "projects-replace_encryption_key",
}
APART = {"session-delete", "sources-webhook"}
"""Ends the session of the next request; has a secret of its own."""
Answer = tuple[int, str, str]


@cache
def tried() -> list[Operation]:
    """Return the operations that both tests try. Making the document takes a second."""
    return [one for one in operations() if one.name not in APART]


async def answer(client: httpx.AsyncClient, operation: Operation, ids: dict[str, str]) -> Answer:
    """Return status, code and detail of a request, without the ids that it names."""
    sent: dict[str, Any] = {} if operation.body is None else {"json": operation.body}
    if operation.method in {"PUT", "PATCH"} and operation.body is None:
        sent = {"content": b"x", "headers": {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}}
    found = await client.request(operation.method, f"/api/v1{operation.at(ids).removeprefix('/api/v1')}", **sent)
    body = found.json() if found.content and found.headers.get("content-type", "").endswith("json") else {}
    detail = str(body.get("detail", ""))
    for identifier in ids.values():
        detail = detail.replace(identifier, "…")
    return found.status_code, str(body.get("code", "")), detail


READS = {"GET", "HEAD"}
STREAMS = {"events-follow"}
"""Does not end while its audit is queued."""


def reach(named: list[Operation]) -> list[Operation]:
    """Return the operations that show that a row is there: reads, and writes where none reads."""
    read = {prefix for one in named if one.method in READS for prefix in one.prefixes}
    found = [one for one in named if one.method in READS or not read.intersection(one.prefixes)]
    return sorted(found, key=lambda one: one.method == "DELETE")  # what it deletes is asked for before


class Ids(dict[str, str]):
    """Ids that do not exist, by prefix."""

    def __missing__(self, prefix: str) -> str:
        return self.setdefault(prefix, unknown(prefix))


async def two_organisations(admin: httpx.AsyncClient) -> tuple[list[Operation], dict[str, str], str, str]:
    """Return what names an id, ids of rows of one organisation, and a key of each.

    The first key belongs to the organisation of the rows.
    """
    ours, theirs = [(await created(admin, "/organisations", {"name": name}))["id"] for name in ("ours", "theirs")]
    project = await created(admin, "/projects", {"name": "p", "organisation_id": ours})
    ids = add_rows(parse_id("org", ours), parse_id("prj", project["id"]))
    body = {"name": "all", "scopes": [scope.value for scope in Scope]}
    own, key = [(await created(admin, f"/organisations/{one}/keys", body))["key"] for one in (ours, theirs)]
    return [one for one in tried() if one.prefixes and one.name not in OPERATOR_ONLY], ids, own, key


async def compared(
    foreign: httpx.AsyncClient, named: list[Operation], ids: dict[str, str]
) -> tuple[dict[str, tuple[Answer, Answer]], dict[str, Answer]]:
    """Return what tells these ids from unknown ones, and the answers other than 404."""
    leaks, hidden = {}, {}
    for one in named:
        real, made_up = await answer(foreign, one, ids), await answer(foreign, one, Ids())
        if real != made_up or real[0] < 400:
            leaks[one.name] = (real, made_up)
        if real[0] != 404:
            hidden[one.name] = real
    return leaks, hidden


async def test_ids_of_another_organisation_are_like_unknown_ones(
    transport: httpx.ASGITransport, admin: httpx.AsyncClient
) -> None:
    named, ids, own, key = await two_organisations(admin)
    missing = {prefix for one in tried() for prefix in one.prefixes} - set(ids)
    assert missing == set(), "add the table of this kind of id to whole_document.TABLES"
    async with with_key(transport, key) as foreign:
        leaks, hidden = await compared(foreign, named, ids)
    assert leaks == {}
    assert {status for status, _, _ in hidden.values()} <= {400, 403, 412, 415, 422}, hidden
    assert len(hidden) < len(named) / 8, "most requests must get as far as looking for the id"
    shown = [one for one in reach(named) if one.name not in STREAMS | set(hidden)]
    assert {prefix for one in shown for prefix in one.prefixes} == set(ids) - {"per"}  # for the operator
    async with with_key(transport, own) as owner:
        absent = {one.name for one in shown if await answer(owner, one, ids) == await answer(owner, one, Ids())}
    assert absent == set(), "its owner does not see the row either, so the test above proves nothing"


async def test_each_role_may_do_what_its_scopes_say(transport: httpx.ASGITransport, admin: httpx.AsyncClient) -> None:
    acme = (await created(admin, "/organisations", {"name": "acme"}))["id"]
    people = {role: await join(transport, admin, acme, f"{role.value}@acme.example", role.value) for role in Role}
    refused: dict[str, list[str]] = {}
    odd: dict[str, dict[Role, tuple[int, str, str]]] = {}
    for one in tried():
        codes = {role: await answer(person.browser, one, Ids()) for role, person in people.items()}
        refused[one.name] = [role.value for role in Role if codes[role][0] == 403]
        if any(status == 401 or status >= 500 for status, _, _ in codes.values()):
            odd[one.name] = codes
    assert odd == {}
    ranks = [role.value for role in Role]
    jumping = {name: roles for name, roles in refused.items() if roles != ranks[: len(roles)]}
    assert jumping == {}, "a higher role may do less"
    lowest = {name: ranks[len(roles)] if len(roles) < len(ranks) else "nobody" for name, roles in refused.items()}
    for name in OPERATOR_ONLY:
        assert lowest.pop(name) == "nobody", name
    writes = {one.name for one in tried() if one.method not in {"GET", "HEAD"}} - OPERATOR_ONLY
    free = {name for name in writes if lowest[name] == "viewer" and not name.startswith("me-")}
    assert sorted(free - FREE) == [], "a viewer may write this; say so in FREE if that is right"
    nobody = sorted(name for name, role in lowest.items() if role == "nobody")
    assert nobody == ["me-begin-second-factor", "me-change-password", "me-confirm-second-factor"]  # wrong password
    assert set(SCOPES) == set(Role)


FREE = {
    *("architectures-propose", "audits-estimate", "policies-test", "releases-preflight"),  # change nothing
    *("schedules-preview", "schedules-preview_draft"),
    *("uploads-append", "uploads-terminate", "waivers-revoke"),  # look for the id first
}
"""Writes that a viewer may ask for. Those of an id need the scope once it is found."""
