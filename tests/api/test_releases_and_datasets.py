"""What is refused before the first byte of a file is sent."""

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
    assert (await tenant.client.get(f"/api/v1{path}")).json()["items"] == [release]
    of_project = await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/releases")
    assert of_project.json()["items"] == [release]
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
async def test_what_cannot_be_is_refused(tenant: Tenant, path: str, change: dict[str, Any], where: str) -> None:
    answer = await tenant.client.post(f"/api/v1{path}", json=seeds.RELEASE | change)
    faults = problem(answer, 422, "invalid_request")["errors"]
    assert any(fault["where"].startswith(where) for fault in faults), faults


async def test_one_mean_counts_for_every_channel(tenant: Tenant, path: str) -> None:
    convention = {"height": 32, "width": 32, "channels": 3, "mean": [0.5], "std": [0.1, 0.2, 0.3]}
    release = await created(tenant.client, path, seeds.RELEASE | {"convention": convention})
    assert release["convention"]["mean"] == [0.5, 0.5, 0.5]
    assert release["convention"]["std"] == [0.1, 0.2, 0.3]


async def test_a_file_announced_over_the_limit_is_refused(tenant: Tenant, path: str) -> None:
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


async def test_a_dataset_has_one_of_two_roles(tenant: Tenant) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/datasets"
    answer: httpx.Response = await tenant.client.post(path, json={"name": "d", "role": "both"})
    problem(answer, 422, "invalid_request")
