"""Preflight of checkpoints, and reuse of files that the project already has."""

import base64
import hashlib
import json
from typing import Any

from app.db.models import Job, Release
from app.db.session import sync_session
from app.db.states import IntakeState
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.examinations import examination

HEADER = {
    "features.0.weight": [8, 1, 3, 3],
    "features.3.weight": [16, 8, 3, 3],
    "features.6.weight": [32, 16, 3, 3],
    "neck.0.weight": [64, 512],
    "head.weight": [4, 64],
}
SHA = hashlib.sha256(b"a file").hexdigest()
LOOK = "/api/v1/checkpoints/preflight"


def head(shapes: dict[str, list[int]] = HEADER, pad: int = 0, **metadata: str) -> tuple[bytes, int]:
    """Return the beginning of a safetensors file and the size of the whole."""
    entries: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    position = 0
    for name, shape in shapes.items():
        length = 4
        for side in shape:
            length *= side
        entries[name] = {"dtype": "F32", "shape": shape, "data_offsets": [position, position + length]}
        position += length
    text = json.dumps(entries).encode() + b" " * pad
    return len(text).to_bytes(8, "little") + text, 8 + len(text) + position


def asked(size: int, *pieces: tuple[int, bytes], **more: Any) -> dict[str, Any]:
    encoded = [{"offset": at, "data": base64.b64encode(data).decode()} for at, data in pieces]
    return {"size_bytes": size, "pieces": encoded, **more}


async def test_a_header_alone_says_what_it_is(tenant: Tenant) -> None:
    beginning, size = head()
    answer = (await tenant.client.post(LOOK, json=asked(size, (0, beginning), num_classes=4, channels=1))).json()
    assert (answer["verdict"], answer["format"], answer["problem"]) == ("accepted", "safetensors", None)
    assert answer["proposals"][0]["architecture"] == "exhume/small-cnn"
    refused = (await tenant.client.post(LOOK, json=asked(size, (0, beginning), num_classes=5))).json()
    assert (refused["verdict"], refused["problem"]["code"]) == ("refused", "class-count")
    other = (await tenant.client.post(LOOK, json=asked(size, (0, beginning), architecture="timm/resnet18"))).json()
    assert other["problem"]["code"] == "checkpoint-mismatch"
    assert "conv1.weight" in other["missing"]
    assert "head.weight" in other["unexpected"]


async def test_another_order_of_the_classes_is_reported_before_anything_is_sent(tenant: Tenant) -> None:
    beginning, size = head(classes=json.dumps(["b", "a", "c", "d"]))
    body = asked(size, (0, beginning), num_classes=4, channels=1, classes=["a", "b", "c", "d"])
    answer = (await tenant.client.post(LOOK, json=body)).json()
    assert (answer["verdict"], answer["problem"]["code"]) == ("refused", "class-order")
    assert answer["problem"]["errors"][0]["order"] == ["b", "a", "c", "d"]
    confirmed = (await tenant.client.post(LOOK, json=body | {"confirm_class_order": True})).json()
    assert confirmed["verdict"] == "accepted"


async def test_what_the_file_says_is_proposed_for_the_description(tenant: Tenant) -> None:
    beginning, size = head(classes=json.dumps(["b", "a", "c", "d"]), labels=json.dumps(["x", "y"]))
    answer = (await tenant.client.post(LOOK, json=asked(size, (0, beginning)))).json()
    [first] = answer["proposals"]
    assert (answer["classes"], first["num_classes"], first["channels"]) == (["b", "a", "c", "d"], 4, 1)
    assert answer["side"] is None, "these tensors fit images of any size"
    beginning, size = head(classes=json.dumps(["b", "a"]), class_to_idx=json.dumps({"a": 0, "b": 1}))
    contradictory = (await tenant.client.post(LOOK, json=asked(size, (0, beginning)))).json()
    assert contradictory["classes"] is None


async def test_a_preflight_asks_only_for_the_bytes_that_it_needs(tenant: Tenant) -> None:
    beginning, size = head(pad=100_000)
    first = (await tenant.client.post(LOOK, json=asked(size, (0, beginning[:5000])))).json()
    assert first["verdict"] == "more"
    at, length = first["wanted"]["offset"], first["wanted"]["length"]
    assert at == 5000
    pieces = ((0, beginning[:5000]), (at, beginning[at : at + length].ljust(length, b"\0")))
    assert (await tenant.client.post(LOOK, json=asked(size, *pieces))).json()["verdict"] == "accepted"
    huge = (10_000_000).to_bytes(8, "little") + b"{" + bytes(5000)
    answer = (await tenant.client.post(LOOK, json=asked(20_000_000, (0, huge)))).json()
    assert (answer["verdict"], answer["wanted"]) == ("unknown", None)


async def test_files_that_can_never_be_accepted_are_rejected_by_the_preflight(tenant: Tenant) -> None:
    pickled = (await tenant.client.post(LOOK, json=asked(10_000, (0, b"\x80\x02" + bytes(9998))))).json()
    assert (pickled["verdict"], pickled["problem"]["code"]) == ("refused", "pickle")
    problem(await tenant.client.post(LOOK, json=asked(10, (0, bytes(8)), (4, bytes(4)))), 400, "bad_pieces")
    problem(await tenant.client.post(LOOK, json=asked(10**9, (0, bytes(5 * 1024 * 1024 + 1)))), 400, "pieces_too_large")
    problem(await tenant.client.post(LOOK, json={"size_bytes": 1, "pieces": []}), 422, "invalid_request")


async def announce(owner: Tenant, version: str) -> dict[str, Any]:
    found = (await owner.client.get(f"/api/v1/projects/{owner.project_id}/targets")).json()["items"]
    target = found[0] if found else await created(owner.client, f"/projects/{owner.project_id}/targets", {"name": "t"})
    return await created(owner.client, f"/targets/{target['id']}/releases", seeds.RELEASE | {"version": version})


WEIGHTS = {"format": "safetensors"}
GRAPH = {"format": "onnx", "producer": "test", "opset": 17, "operators": ["Conv"], "key_map": {}}


def hold(release: str, source: dict[str, Any] = WEIGHTS) -> None:
    with sync_session() as session:
        row = session.get_one(Release, seeds.uuid_of(release))
        row.state, row.sha256, row.size_bytes, row.object_key = IntakeState.READY, SHA, 6, "checkpoints/p/held"
        row.examination = examination(source=source)


async def test_a_file_of_the_project_is_not_sent_again(tenant: Tenant, stranger: Tenant) -> None:
    first, second = await announce(tenant, "1"), await announce(tenant, "2")
    hold(first["id"])
    taken = await tenant.client.post(f"/api/v1/releases/{second['id']}/reuse", json={"sha256": SHA.upper()})
    assert (taken.status_code, taken.json()["state"], taken.json()["sha256"]) == (202, "checking", SHA)
    with sync_session() as session:
        row = session.get_one(Release, seeds.uuid_of(second["id"]))
        assert row.object_key == "checkpoints/p/held"
        assert session.query(Job).filter_by(subject_id=row.id, stage="intake_release").count() == 1
    listed = await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/releases", params={"q": SHA})
    assert {one["id"] for one in listed.json()["items"]} == {first["id"], second["id"]}
    other = await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/releases", params={"q": "0" * 64})
    assert other.json()["items"] == []
    foreign = await announce(stranger, "1")
    answer = await stranger.client.post(f"/api/v1/releases/{foreign['id']}/reuse", json={"sha256": SHA})
    problem(answer, 404, "no_such_checkpoint")


async def test_a_file_that_the_project_lacks_must_be_sent(tenant: Tenant) -> None:
    first, second = await announce(tenant, "1"), await announce(tenant, "2")
    address = f"/api/v1/releases/{second['id']}/reuse"
    problem(await tenant.client.post(address, json={"sha256": SHA}), 404, "no_such_checkpoint")
    hold(first["id"], source=GRAPH)
    problem(await tenant.client.post(address, json={"sha256": SHA}), 404, "no_such_checkpoint")
    problem(await tenant.client.post(address, json={"sha256": "x"}), 422, "invalid_request")
    ready = f"/api/v1/releases/{first['id']}/reuse"
    problem(await tenant.client.post(ready, json={"sha256": SHA}), 409, "not_awaiting_upload")
