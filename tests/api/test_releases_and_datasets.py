"""Requests that are rejected before a file is sent."""

import json
from typing import Any

import httpx
import pytest

from app.releases import architectures
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem


@pytest.fixture
async def path(tenant: Tenant) -> str:
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    return f"/targets/{target['id']}/releases"


async def test_a_release_is_announced(tenant: Tenant, path: str) -> None:
    release = await created(tenant.client, path, seeds.RELEASE)
    assert release["state"] == "awaiting_upload"
    assert release["target_name"] == "t"
    assert release["convention"] == {
        "height": 32,
        "width": 32,
        "channels": 1,
        "channel_order": "RGB",
        "mean": [0.0],
        "std": [1.0],
    }
    assert (release["class_count"], release["replaced_count"]) == (len(seeds.CLASSES), None)
    listed = {name: value for name, value in release.items() if name not in {"classes", "replaced", "examination"}}
    assert (await tenant.client.get(f"/api/v1{path}")).json()["items"] == [listed]
    of_project = await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/releases")
    assert of_project.json()["items"] == [listed]
    problem(await tenant.client.post(f"/api/v1{path}", json=seeds.RELEASE), 409, "version_taken")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("resnet18", "timm/resnet18"),
        ("timm/resnet81", "timm/resnet18"),
        ("torchvision/resnet-18", "torchvision/resnet18"),
        ("exhume/smallcnn", "exhume/small-cnn"),
    ],
)
async def test_an_unknown_architecture_gets_the_nearest_names(tenant: Tenant, path: str, name: str, near: str) -> None:
    answer = await tenant.client.post(f"/api/v1{path}", json=seeds.RELEASE | {"architecture": name})
    body = problem(answer, 422, "unknown_architecture")
    assert near in body["errors"][0]["nearest"]
    assert near in body["detail"]


async def test_architectures_can_be_searched(tenant: Tenant) -> None:
    answer = await tenant.client.get("/api/v1/architectures", params={"query": "resnet18", "limit": 5})
    assert "timm/resnet18" in answer.json()["items"]
    assert len(answer.json()["items"]) <= 5
    assert all("resnet18" in name for name in answer.json()["items"])
    assert architectures.search("no such thing", 5) == []


async def test_an_architecture_may_be_left_to_the_weights(tenant: Tenant, path: str) -> None:
    body = {name: value for name, value in seeds.RELEASE.items() if name != "architecture"}
    assert (await created(tenant.client, path, body))["architecture"] == "auto"


async def test_architectures_are_proposed_by_names_and_shapes(tenant: Tenant) -> None:
    tensors = {
        "features.0.weight": [8, 1, 3, 3],
        "features.3.weight": [16, 8, 3, 3],
        "features.6.weight": [32, 16, 3, 3],
        "neck.0.weight": [64, 512],
        "head.weight": [5, 64],
    }
    answer = await tenant.client.post("/api/v1/architectures/propose", json={"tensors": tensors})
    assert answer.json()["items"] == [
        {
            "architecture": "exhume/small-cnn",
            "exact": True,
            "num_classes": 5,
            "channels": 1,
            "hyperparameters": {"width": 8, "depth": 1, "feature_dim": 64, "kernel": 3},
        }
    ]
    unknown = await tenant.client.post("/api/v1/architectures/propose", json={"tensors": {"a": [1]}})
    assert unknown.json()["items"] == []
    bad = await tenant.client.post("/api/v1/architectures/propose", json={"tensors": {"a": [-1]}})
    problem(bad, 422, "invalid_request")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"classes": ["a"]}, "body.classes"),
        ({"classes": ["a", "b", "a"]}, "body.classes"),
        ({"hyperparameters": {"deep": {"er": 1}}}, "body.hyperparameters"),
        ({"sha256": "xyz"}, "body.sha256"),
        ({"size_bytes": 0}, "body.size_bytes"),
        ({"convention": {"height": 32, "width": 32, "channels": 2}}, "body.convention.channels"),
        ({"convention": {"height": 4, "width": 32, "channels": 1}}, "body.convention.height"),
        ({"convention": {"height": 32, "width": 32, "channels": 3, "mean": [0, 0]}}, "body.convention"),
        ({"convention": {"height": 32, "width": 32, "channels": 1, "std": [0]}}, "body.convention.std"),
        ({"code": "import os"}, "body.code"),
    ],
)
async def test_impossible_descriptions_are_rejected(
    tenant: Tenant, path: str, change: dict[str, Any], where: str
) -> None:
    answer = await tenant.client.post(f"/api/v1{path}", json=seeds.RELEASE | change)
    faults = problem(answer, 422, "invalid_request")["errors"]
    assert any(fault["where"].startswith(where) for fault in faults), faults


async def test_one_mean_counts_for_every_channel(tenant: Tenant, path: str) -> None:
    convention = {"height": 32, "width": 32, "channels": 3, "mean": [0.5], "std": [0.1, 0.2, 0.3]}
    release = await created(tenant.client, path, seeds.RELEASE | {"convention": convention})
    assert release["convention"]["mean"] == [0.5, 0.5, 0.5]
    assert release["convention"]["std"] == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("mean", "std", "right_mean", "right_std"),
    [
        ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375], [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ([127.5], [127.5], [0.5] * 3, [0.5] * 3),
        ([0], [255], [0] * 3, [1] * 3),
        ([103.94], [1], [0.407608] * 3, [0.00392157] * 3),
        ([123.675, 116.28, 103.53], [0.229, 0.224, 0.225], [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ],
)
async def test_a_normalisation_of_0_to_255_gets_the_right_numbers(
    tenant: Tenant, path: str, mean: list[float], std: list[float], right_mean: list[float], right_std: list[float]
) -> None:
    convention = {"height": 32, "width": 32, "channels": 3, "mean": mean, "std": std}
    answer = await tenant.client.post(f"/api/v1{path}", json=seeds.RELEASE | {"convention": convention})
    body = problem(answer, 422, "convention_0_255")
    assert [(e["field"], e["suggested"]) for e in body["errors"]] == [
        ("convention.mean", right_mean),
        ("convention.std", right_std),
    ]
    pasted = json.loads("{" + body["detail"].partition("divided by 255: ")[2] + "}")
    assert pasted == {"mean": right_mean, "std": right_std}
    again = seeds.RELEASE | {"convention": convention | pasted}
    assert (await created(tenant.client, path, again))["convention"]["mean"] == right_mean


@pytest.mark.parametrize(("mean", "std"), [([1.0], [0.5]), ([-0.5], [1]), ([0], [1 / 255]), ([0.5], [4])])
async def test_a_normalisation_of_0_to_1_is_accepted(
    tenant: Tenant, path: str, mean: list[float], std: list[float]
) -> None:
    convention = {"height": 32, "width": 32, "channels": 1, "mean": mean, "std": std}
    assert (await created(tenant.client, path, seeds.RELEASE | {"convention": convention}))["convention"]["std"] == std


async def test_class_names_are_stored_in_one_form(tenant: Tenant, path: str) -> None:
    release = await created(tenant.client, path, seeds.RELEASE | {"classes": ["Jose\u0301", "mary\n", "\u00a0a", "A"]})
    assert release["classes"] == ["Jos\u00e9", "mary", "a", "A"]


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("Jos\u00e9", "Jose\u0301", ["Jos<U+00E9>", "Jose<U+0301>"]),
        ("ada", "ada ", ["ada", "ada<U+0020>"]),
        ("Ada", "ada", ["Ada", "ada"]),
        ("ada", "a\u200bda", ["ada", "a<U+200B>da"]),
    ],
)
async def test_names_that_look_alike_are_rejected_by_code_point(
    tenant: Tenant, path: str, first: str, second: str, shown: list[str]
) -> None:
    answer = await tenant.client.post(f"/api/v1{path}", json=seeds.RELEASE | {"classes": ["eve", first, second]})
    body = problem(answer, 422, "look_alike_names")
    assert body["errors"] == [{"names": shown}]
    assert all(repr(name) in body["detail"] for name in shown)


@pytest.mark.parametrize("name", [" ", "\u200b", "a\x07b", "a\nb"])
async def test_a_name_that_nobody_can_read_is_rejected(tenant: Tenant, path: str, name: str) -> None:
    answer = await tenant.client.post(f"/api/v1{path}", json=seeds.RELEASE | {"classes": ["eve", name]})
    problem(answer, 422, "class_names")


async def test_one_class_is_told_what_a_single_output_is(tenant: Tenant, path: str) -> None:
    answer = await tenant.client.post(f"/api/v1{path}", json=seeds.RELEASE | {"classes": ["pneumonia"]})
    assert "an output for each of the two" in problem(answer, 422, "invalid_request")["detail"]


async def test_a_release_says_what_its_classes_are(tenant: Tenant, path: str) -> None:
    release = await created(tenant.client, path, seeds.RELEASE)
    assert (release["classes_are"], release["class_order_confirmed"]) == ("person", False)
    description = {"version": "2", "classes_are": "condition", "confirm_class_order": True}
    release = await created(tenant.client, path, seeds.RELEASE | description)
    assert (release["classes_are"], release["class_order_confirmed"]) == ("condition", True)
    wrong = seeds.RELEASE | {"version": "3", "classes_are": "dog"}
    problem(await tenant.client.post(f"/api/v1{path}", json=wrong), 422, "invalid_request")


async def test_a_file_announced_over_the_limit_is_rejected(tenant: Tenant, path: str) -> None:
    body = seeds.RELEASE | {"size_bytes": 11 * 1024**3}
    problem(await tenant.client.post(f"/api/v1{path}", json=body), 413, "too_large")


async def test_datasets_list_counts_and_get_names(tenant: Tenant) -> None:
    path = f"/projects/{tenant.project_id}/datasets"
    made = await created(tenant.client, path, {"name": "d", "role": "private"})
    seeds.make_ready(None, made["id"])
    (listed,) = (await tenant.client.get(f"/api/v1{path}")).json()["items"]
    assert listed["identity_count"] == 4
    assert "identities" not in listed
    assert (await tenant.client.get(f"/api/v1/datasets/{made['id']}")).json()["identities"] == seeds.CLASSES
    problem(await tenant.client.post(f"/api/v1{path}", json={"name": "d", "role": "public"}), 409, "name_taken")


@pytest.mark.parametrize(
    ("role", "names", "count"),
    [("public", ["images"], None), ("public", [], None), ("private", [], None), ("gallery", ["ada"], 1)],
)
async def test_a_dataset_without_names_has_no_count_of_identities(
    tenant: Tenant, role: str, names: list[str], count: int | None
) -> None:
    path = f"/projects/{tenant.project_id}/datasets"
    made = await created(tenant.client, path, {"name": "d", "role": role})
    seeds.make_ready(None, made["id"], identities=names)
    (listed,) = (await tenant.client.get(f"/api/v1{path}")).json()["items"]
    shown = (await tenant.client.get(f"/api/v1/datasets/{made['id']}")).json()
    assert (listed["identity_count"], shown["identity_count"], shown["identities"]) == (count, count, names)


async def test_a_dataset_has_one_of_two_roles(tenant: Tenant) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/datasets"
    answer: httpx.Response = await tenant.client.post(path, json={"name": "d", "role": "both"})
    problem(answer, 422, "invalid_request")
