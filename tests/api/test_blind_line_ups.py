"""Blind line-ups: made, reviewed by two people, logged, read and deleted."""

import asyncio
import base64
import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select, update

from app.auth.scopes import Scope
from app.blind_line_ups import repository
from app.blind_line_ups.log import keyed
from app.db.models import ApiKey, BlindLineUp, BlindLineUpAnswer, BlindLineUpItem, Dataset, Role
from app.db.session import sync_session
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem, with_key
from tests.api.people import personal_key
from tests.api.test_results import audit  # noqa: F401 - a fixture
from tests.results import RESULT

PURPOSE = "measure what people recognise"
ITEMS = 12
"""Four reconstructions, four controls and four photographs."""


@dataclass
class World:
    """A finished audit of four people with a blind line-up."""

    tenant: Tenant
    audit: str
    private: str
    line_up: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/api/v1/blind-line-ups/{self.line_up['id']}"

    @property
    def seed(self) -> str:
        with sync_session() as session:
            return session.get_one(BlindLineUp, seeds.uuid_of(self.line_up["id"])).seed

    def item(self, number: int) -> BlindLineUpItem:
        with sync_session() as session:
            own = BlindLineUpItem.line_up_id == seeds.uuid_of(self.line_up["id"])
            found = session.scalars(select(BlindLineUpItem).where(own, BlindLineUpItem.number == number)).one()
            session.expunge(found)
            return found

    async def entries(self, action: str) -> list[dict[str, Any]]:
        path = f"/api/v1/projects/{self.tenant.project_id}/audit-log"
        items = (await self.tenant.client.get(path, params={"limit": 200})).json()["items"]
        return [one for one in items if one["action"] == f"blind_line_up.{action}"]

    async def review(self, browser: httpx.AsyncClient, *, items: int = ITEMS, right: bool = True) -> list[Any]:
        """Answer some items, all rightly or all with none of these. Return what the API said."""
        said = [(await browser.post(f"{self.path}/reviews", json={"purpose": PURPOSE})).json()]
        for _ in range(items):
            shown = (await browser.post(f"{self.path}/next")).json()
            number = shown["item"]["number"]
            choice = self.item(number).answer if right else 0
            answer = await browser.post(f"{self.path}/answers", json={"number": number, "choice": choice})
            assert answer.status_code == 201, answer.text
            said += [shown, answer.json()]
        return said


@pytest.fixture
async def world(tenant: Tenant, audit: dict[str, Any], tmp_path: Path) -> World:  # noqa: F811 - the fixture
    people = [0, 1, 2, 3]
    private = audit["private_dataset"]["id"]
    seeds.store_packed(private, tmp_path, labels=np.repeat(people, 2))
    seeds.finish(audit["id"], seeds.add_reconstructions(audit["id"], people), RESULT)
    seeds.add_reconstructions(audit["id"], people, restarts=1, source="prior")
    seeds.freeze(audit["id"])
    made = await created(tenant.client, f"/audits/{audit['id']}/blind-line-ups", {"candidates": 2})
    return World(tenant, audit["id"], private, made)


@pytest.fixture
async def reviewers(
    world: World, transport: httpx.ASGITransport, admin: httpx.AsyncClient
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Clients of two people, an auditor and an approver."""
    [organisation] = (await admin.get("/api/v1/organisations")).json()["items"]
    people = (("ada@example.org", Role.AUDITOR), ("bob@example.org", Role.APPROVER))
    async with (
        with_key(transport, personal_key(organisation["id"], *people[0])) as ada,
        with_key(transport, personal_key(organisation["id"], *people[1])) as bob,
    ):
        yield [ada, bob]


async def test_two_reviewers_from_the_start_to_the_results(world: World, reviewers: list[httpx.AsyncClient]) -> None:
    ada, bob = reviewers
    assert (world.line_up["items"], world.line_up["reviews"]) == (ITEMS, [])
    problem(await ada.post(f"{world.path}/next"), 409, "review_not_begun")
    problem(await bob.get(f"{world.path}/results"), 409, "no_review_finished")
    said = await world.review(ada, items=4)
    problem(await ada.get(f"{world.path}/results"), 409, "review_begun")
    first = (await ada.post(f"{world.path}/next")).json()
    again = (await ada.post(f"{world.path}/reviews", json={"purpose": "another one"})).json()
    assert again == {"answered": 4, "items": ITEMS, "finished": False}
    said += await world.review(ada, items=ITEMS - 4)
    assert said[10]["item"]["number"] == first["item"]["number"], "it goes on where it was left"
    assert said[-1] == {"answered": ITEMS, "items": ITEMS, "finished": True}
    assert (await ada.post(f"{world.path}/next")).json()["item"] is None
    await every_picture_is_in_the_log(world)
    nothing_tells(said)
    report = f"/api/v1/audits/{world.audit}/report?format=html"
    assert "What people recognise" in (await ada.get(report)).text
    assert "What people recognise" not in (await bob.get(report)).text, "he can still review"
    await world.review(bob, right=False)
    found = (await bob.get(f"{world.path}/results")).json()
    assert (found["reviewers"], found["items"]) == (2, {"reconstruction": 4, "control": 4, "photograph": 4})
    values = {
        name: found[name]["value"] for name in ("matched", "others", "false_alarms", "sensitivity", "specificity")
    }
    assert values == {"matched": 0.5, "others": 0, "false_alarms": 0, "sensitivity": 0.5, "specificity": 1}
    assert found["matched"]["n"] == 4
    assert [one["name"] for one in found["verifiers"]] == [None, "a", "b"]
    shown = (await bob.get(world.path)).json()
    assert [(one["name"], one["answered"]) for one in shown["reviews"]] == [
        ("person:ada@example.org", ITEMS),
        ("person:bob@example.org", ITEMS),
    ]
    assert shown["your_review"] == "finished"
    listed = (await bob.get(f"/api/v1/audits/{world.audit}/blind-line-ups")).json()["items"]
    assert listed == [shown]


async def every_picture_is_in_the_log(world: World) -> None:
    """Check the entries of one whole review, in which one item was shown twice."""
    entries = await world.entries("item_shown")
    assert len(entries) == ITEMS + 1
    for entry in entries:
        item = world.item(entry["details"]["item"])
        places = [one["photograph"] for one in item.candidates]
        named = {f"{world.private}/{place}" for place in (*places, item.photograph) if place is not None}
        named |= {f"rec_{item.reconstruction_id.hex}"} if item.reconstruction_id else set()
        assert entry["details"]["pictures"] == sorted(keyed(world.seed, one) for one in named)
        assert not any(word in str(entry) for word in ("rec_", "dst_")), "reviewers may read the log"
        assert (entry["actor"], entry["details"]["purpose"]) == ("person:ada@example.org", PURPOSE)
        assert (entry["subject"], entry["details"]["audit"]) == (world.line_up["id"], world.audit)
    assert [len(await world.entries(f"review_{what}")) for what in ("begun", "finished")] == [1, 1]


async def test_an_export_of_an_identity_finds_the_items_that_showed_it(
    world: World, reviewers: list[httpx.AsyncClient], transport: httpx.ASGITransport
) -> None:
    await world.review(reviewers[0])
    shown = [entry["details"]["item"] for entry in await world.entries("item_shown")]
    own = [number for number in shown if shows(world.item(number), 1)]
    assert 0 < len(own) < len(shown)
    body = {"names": [{"dataset_id": world.private, "name": seeds.CLASSES[1]}], "purpose": "request 7"}
    path = f"/api/v1/projects/{world.tenant.project_id}/identities/export"
    scopes = ("audits:read", "data:delete", "reconstructions:reveal")
    async with with_key(transport, await world.tenant.key(*scopes)) as client:
        for _ in ("before the line-up is deleted", "and after"):
            archive = zipfile.ZipFile(io.BytesIO((await client.post(path, json=body)).content))
            log = json.loads(archive.read("identity.json"))["log"]
            items = [one for one in log if one["action"] == "blind_line_up.item_shown"]
            assert [one["subject"] for one in items] == [world.line_up["id"]] * len(own)
            await client.delete(world.path)
    [deleted] = await world.entries("deleted")
    assert set(deleted["details"]) == {"audit", "seed"}


def shows(item: BlindLineUpItem, identity: int) -> bool:
    return item.identity == identity or any(one["identity"] == identity for one in item.candidates)


def nothing_tells(said: list[dict[str, Any]]) -> None:
    """Check that what the API said to a reviewer holds pictures and progress alone."""
    kinds = set()
    for document in said:
        assert set(document) - {"item"} == {"answered", "items", "finished"}
        if "item" not in document:
            continue
        assert set(document["item"]) == {"number", "picture", "candidates"}
        marks = set()
        for text in (document["item"]["picture"], *document["item"]["candidates"]):
            image = Image.open(io.BytesIO(base64.b64decode(text.removeprefix("data:image/png;base64,"))))
            kinds.add((image.size, image.mode, tuple(image.info)))
            marks.add(image.info["Exhume reveal"])
        [mark] = marks
        assert not any(word in mark for word in ("rec_", "dst_", *seeds.CLASSES[1:]))
    assert kinds == {((32, 32), "L", ("Exhume reveal",))}


async def test_an_answer_is_final_and_for_the_item_that_is_shown(
    world: World, reviewers: list[httpx.AsyncClient]
) -> None:
    ada, bob = reviewers
    await ada.post(f"{world.path}/reviews", json={"purpose": PURPOSE})
    answer = {"number": 1, "choice": 1}
    problem(await ada.post(f"{world.path}/answers", json=answer), 409, "item_not_shown")
    await ada.post(f"{world.path}/next")
    problem(await ada.post(f"{world.path}/answers", json=answer | {"choice": 3}), 422, "no_such_candidate")
    assert (await ada.post(f"{world.path}/answers", json=answer | {"sure": False})).status_code == 201
    problem(await ada.post(f"{world.path}/answers", json=answer | {"choice": 2}), 409, "item_not_shown")
    with sync_session() as session:
        [kept] = session.scalars(select(BlindLineUpAnswer))
        assert (kept.choice, kept.sure, 0 <= kept.seconds < 60) == (1, False, True)
    problem(await world.tenant.client.post(f"{world.path}/reviews", json={"purpose": PURPOSE}), 403, "not_a_reviewer")
    path = f"/api/v1/audits/{world.audit}/blind-line-ups"
    problem(await ada.post(path, json={}), 403, "missing_scope")
    assert (await bob.post(path, json={"candidates": 2})).json()["your_review"] == "not_begun"
    problem(await bob.delete(world.path), 403, "missing_scope")
    found = problem(await bob.post(path, json={"candidates": 4}), 409, "too_few_for_line_up")
    assert "needs 5 identities" in found["detail"]
    assert "has 4" in found["detail"]


async def test_readers_of_results_cannot_review_and_deleted_pictures_end_reviews(
    world: World, reviewers: list[httpx.AsyncClient], transport: httpx.ASGITransport, admin: httpx.AsyncClient
) -> None:
    ada, bob = reviewers
    await world.review(ada)
    assert (await bob.get(f"{world.path}/results")).status_code == 200
    problem(await bob.post(f"{world.path}/reviews", json={"purpose": PURPOSE}), 409, "results_were_read")
    shown = (await bob.get(world.path)).json()
    assert (shown["your_review"], len(shown["reviews"])) == ("results_read", 1)
    assert (await bob.get(f"{world.path}/results")).status_code == 200
    await world.review(admin, items=1)  # the operator
    gone = await world.tenant.client.delete(f"/api/v1/audits/{world.audit}", params={"reason": "no longer needed"})
    assert gone.status_code == 200, gone.text
    problem(await admin.post(f"{world.path}/next"), 410, "image_deleted")
    assert (await admin.get(world.path)).json()["your_review"] == "begun"
    assert (await admin.get(f"{world.path}/results")).status_code == 200, "the review cannot go on"
    assert (await admin.get(world.path)).json()["your_review"] == "results_read"
    assert (await ada.get(world.path)).json()["pictures_deleted"] is True
    assert (await ada.get(f"{world.path}/results")).json()["matched"]["value"] == 1
    path = f"/api/v1/audits/{world.audit}/blind-line-ups"
    problem(await world.tenant.client.post(path, json={}), 409, "no_pictures_for_line_up")
    async with with_key(transport, await world.tenant.key("audits:read", "data:delete")) as client:
        assert (await client.delete(world.path)).status_code == 204
        problem(await client.get(world.path), 404, "no_such_blind_line_up")
    with sync_session() as session:
        assert session.scalars(select(BlindLineUpAnswer)).all() == []
    assert [one["subject"] for one in await world.entries("deleted")] == [world.line_up["id"]]


def limit_key(name: str, *scopes: Scope) -> None:
    """Give the personal key of somebody these scopes."""
    with sync_session() as session:
        session.execute(update(ApiKey).where(ApiKey.name == name).values(scopes=[scope.value for scope in scopes]))


async def test_a_key_that_cannot_review_does_not_show_its_person_the_results(
    world: World, reviewers: list[httpx.AsyncClient]
) -> None:
    ada, bob = reviewers
    await world.review(bob)
    await world.review(ada, items=1)
    limit_key("ada@example.org", Scope.AUDITS_READ)
    problem(await ada.get(f"{world.path}/results"), 409, "review_begun")
    report = await ada.get(f"/api/v1/audits/{world.audit}/report?format=html")
    assert "What people recognise" not in report.text


async def test_a_key_that_cannot_review_reads_results_for_its_person(
    world: World, reviewers: list[httpx.AsyncClient]
) -> None:
    ada, bob = reviewers
    await world.review(ada)
    limit_key("bob@example.org", Scope.AUDITS_READ)
    assert (await bob.get(f"{world.path}/results")).status_code == 200
    limit_key("bob@example.org", Scope.AUDITS_READ, Scope.BLIND_LINE_UPS_REVIEW)
    problem(await bob.post(f"{world.path}/reviews", json={"purpose": PURPOSE}), 409, "results_were_read")


async def test_a_review_that_begins_while_results_are_read_hides_them(
    world: World, reviewers: list[httpx.AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = reviewers
    await world.review(ada)
    await world.review(bob, items=1)
    real, calls = repository.review, []

    async def late(*values: Any, **named: Any) -> Any:
        calls.append(values)
        return None if len(calls) == 1 else await real(*values, **named)

    monkeypatch.setattr(repository, "review", late)
    problem(await bob.get(f"{world.path}/results"), 409, "review_begun")


async def test_a_line_up_waits_for_an_erasure_that_moves_its_photographs(world: World) -> None:
    with sync_session() as session:
        session.scalars(select(Dataset).where(Dataset.id == seeds.uuid_of(world.private)).with_for_update()).one()
        path = f"/api/v1/audits/{world.audit}/blind-line-ups"
        made = asyncio.create_task(world.tenant.client.post(path, json={"candidates": 2}))
        done, _ = await asyncio.wait([made], timeout=1)
        assert not done
    assert (await made).status_code == 201


async def test_an_erased_identity_leaves_no_item_and_the_others_keep_their_pictures(world: World) -> None:
    with sync_session() as session:
        before = {item.number: item for item in session.scalars(select(BlindLineUpItem))}
        kept = {
            number: [(one["identity"], one["photograph"]) for one in item.candidates]
            for number, item in before.items()
            if item.identity != 1 and all(one["identity"] != 1 for one in item.candidates)
        }
    names = {"names": [{"dataset_id": world.private, "name": seeds.CLASSES[1]}], "reason": "request 7"}
    path = f"/api/v1/projects/{world.tenant.project_id}/identities/erase"
    answer = await world.tenant.client.post(path, json=names)
    assert answer.status_code == 200, answer.text
    with sync_session() as session:
        gone = session.get_one(BlindLineUp, seeds.uuid_of(world.line_up["id"])).erased_items
        left = {item.number: item for item in session.scalars(select(BlindLineUpItem))}
        moved = {
            number: [(one["identity"], one["photograph"] + 2 * (one["identity"] > 1)) for one in item.candidates]
            for number, item in left.items()
        }
    assert 0 < len(left) == ITEMS - gone
    assert moved == kept
