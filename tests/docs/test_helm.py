"""The Helm chart, rendered by Helm's own library and validated against Kubernetes' schemas."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest
import typer.main
import yaml
from jsonschema import Draft202012Validator

from app.cli.root import app
from app.jobs.broker import QUEUES
from app.metrics.gauges import jobs
from app.settings import Settings
from tests.docs.test_settings_page import variable
from worker.runtime.own_process import PATIENCE

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy/helm"
STORE = {"store": "s3://bucket/audits"}
VERSIONS = ("1.30", "1.37")
"""The oldest version of Kubernetes that the chart accepts, and the newest with a schema here."""
OUTSIDE = {"networkPolicy": {"outside": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}}
KEYS = {"secret": {"wrappingKeys": "exhume-keys"}}
Manifest = dict[str, Any]


def example() -> dict[str, Any]:
    """Return the pool with a GPU that the values show as a comment."""
    text = (CHART / "values.yaml").read_text().partition("#  - name: h100")
    lines = ("#  - name: h100" + text[2]).split("\n\n")[0].splitlines()
    found: list[dict[str, Any]] = yaml.safe_load("\n".join(line.removeprefix("#") for line in lines))
    return {"pools": found}


POOL = {"name": "stages", "minReplicas": 1, "resources": {"limits": {"memory": "8Gi"}}}
VALUES = {
    "as it is": STORE,
    "with everything": STORE | example() | OUTSIDE | KEYS | {"publicUrl": "https://exhume.example.com"},
    "without KEDA": STORE | {"keda": {"enabled": False}, "networkPolicy": {"enabled": False}},
}


@lru_cache
def rendered(name: str) -> tuple[Manifest, ...]:
    return tuple(render(VALUES[name]))


def render(values: dict[str, Any]) -> Iterator[Manifest]:
    with helm_python.Chart.load(CHART) as chart:
        files = chart.render(values, name="exhume", namespace="audits")
    for file, text in files.items():
        if file.endswith(".yaml"):
            yield from (one for one in yaml.safe_load_all(text) if one)


def of_kind(manifests: tuple[Manifest, ...], kind: str) -> list[Manifest]:
    return [one for one in manifests if one["kind"] == kind]


def pods(manifests: tuple[Manifest, ...]) -> list[Manifest]:
    return [one["spec"]["template"]["spec"] for one in of_kind(manifests, "Deployment")]


def containers(manifests: tuple[Manifest, ...]) -> list[Manifest]:
    return [one for pod in pods(manifests) for one in pod["containers"] + pod.get("initContainers", [])]


def test_checks_may_run_side_by_side() -> None:
    assert list(render(STORE | {"pools": [POOL | {"queue": "exhume-checks", "concurrency": 2}]}))


def test_helm_finds_no_fault() -> None:
    assert helm_python.lint(CHART)["errors"] == []


@pytest.mark.parametrize("name", VALUES)
def test_every_manifest_is_valid(name: str) -> None:
    manifests = [manifest for manifest in rendered(name) if manifest["kind"] != "ScaledObject"]
    assert manifests
    for manifest in manifests:
        for version in VERSIONS:
            kubernetes_validate.validate(manifest, version, strict=True)


def test_the_schemas_would_notice_a_mistake() -> None:
    (manifest, *_) = of_kind(rendered("as it is"), "Service")
    with pytest.raises(kubernetes_validate.ValidationError, match="selektor"):
        kubernetes_validate.validate(manifest | {"spec": {"selektor": {}}}, VERSIONS[0], strict=True)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "object store"),
        (STORE | {"pols": []}, "pols"),
        (STORE | {"allowedHosts": ["a.example"]}, "allowedHosts"),
        (STORE | {"pools": [POOL | {"queue": "exhume", "concurrency": 2}]}, "concurrency"),
    ],
    ids=["no store", "misspelt", "probes are rejected", "two audits at once on a worker"],
)
def test_values_that_cannot_work_are_rejected(values: dict[str, Any], message: str) -> None:
    with pytest.raises(helm_python.HelmError, match=message):
        list(render(values))


@pytest.mark.parametrize("name", VALUES)
def test_every_variable_is_a_setting_and_every_command_exists(name: str) -> None:
    settings = {variable(field) for field in Settings.model_fields} | {"HOME"}
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    for container in containers(rendered(name)):
        names = {one["name"] for one in container["env"]}
        assert {one for one in names - settings if not one.startswith("AWS_")} == set()
        assert container["args"][0] in commands


@pytest.mark.parametrize("name", VALUES)
def test_processes_have_no_rights_and_write_to_volumes_only(name: str) -> None:
    for pod in pods(rendered(name)):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
    for container in containers(rendered(name)):
        rights = container["securityContext"]
        assert (rights["allowPrivilegeEscalation"], rights["readOnlyRootFilesystem"]) == (False, True)
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert {"/tmp", "/var/lib/exhume"} <= {one["mountPath"] for one in container["volumeMounts"]}


@pytest.mark.parametrize("name", VALUES)
def test_secrets_are_named_and_not_contained(name: str) -> None:
    assert of_kind(rendered(name), "Secret") == []
    secret = re.compile("DATABASE_URL|REDIS_URL|SECRET|ACCESS_KEY_ID")
    for container in containers(rendered(name)):
        found = [one for one in container["env"] if secret.search(one["name"])]
        assert len(found) == 5
        assert all(set(one["valueFrom"]) == {"secretKeyRef"} for one in found)


def test_a_worker_has_time_to_return_its_job_and_memory_for_scratch_files() -> None:
    workers = [pod for pod in pods(rendered("as it is")) if pod["containers"][0]["name"] == "worker"]
    assert len(workers) == 2
    for pod in workers:
        assert pod["terminationGracePeriodSeconds"] >= 5 * PATIENCE
        (shm,) = (one for one in pod["volumes"] if one["name"] == "shm")
        assert shm["emptyDir"]["medium"] == "Memory"
        (container,) = pod["containers"]
        assert "EXHUME_SCRATCH_DIR" not in {one["name"] for one in container["env"]}, "a large job goes to disk"
        assert "/dev/shm" in {one["mountPath"] for one in container["volumeMounts"]}


def test_a_pool_with_gpus_has_one_for_each_worker() -> None:
    (pod,) = (one for one in pods(rendered("with everything")) if one["containers"][0]["name"] == "worker")
    (container,) = pod["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert container["image"].endswith("-cuda")
    assert pod["nodeSelector"]
    assert pod["tolerations"]


@pytest.mark.parametrize("name", VALUES)
def test_every_deployment_survives_the_drain_of_a_node(name: str) -> None:
    covered = [one["spec"]["selector"] for one in of_kind(rendered(name), "PodDisruptionBudget")]
    assert all(one["spec"]["selector"] in covered for one in of_kind(rendered(name), "Deployment"))


def test_pools_are_scaled_by_a_metric_that_exists() -> None:
    scaled = of_kind(rendered("as it is"), "ScaledObject")
    assert [one["spec"]["minReplicaCount"] for one in scaled] == [1, 0]
    source = Path(str(jobs.__code__.co_filename)).read_text()
    for one in scaled:
        assert one["apiVersion"] == "keda.sh/v1alpha1"
        assert one["spec"]["scaleTargetRef"]["name"] == one["metadata"]["name"]
        (trigger,) = one["spec"]["triggers"]
        found = re.fullmatch(r'(exhume_[a-z_]+)\{queue="([a-z-]+)"\}', trigger["metadata"]["valueLocation"])
        assert found is not None
        assert f'"{found[1]}"' in source
        assert found[2] in QUEUES
        assert all(isinstance(value, str) for value in trigger["metadata"].values()), "KEDA takes strings only"
    deployments = of_kind(rendered("as it is"), "Deployment")
    names = {one["metadata"]["name"] for one in scaled}
    assert all(("replicas" in one["spec"]) != (one["metadata"]["name"] in names) for one in deployments)


KEDA = Draft202012Validator(json.loads((Path(__file__).parent / "keda_scaled_object.json").read_text()))


def test_pools_are_scaled_as_the_schema_of_keda_allows() -> None:
    scaled = of_kind(rendered("as it is"), "ScaledObject") + of_kind(rendered("with everything"), "ScaledObject")
    assert len(scaled) == 3
    assert [error.message for one in scaled for error in KEDA.iter_errors(one)] == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"minReplicaCounts": 1}, "minReplicaCounts"),
        ({"triggers": [{"type": "metrics-api", "metadata": {"targetValue": 2}}]}, "2 is not of type 'string'"),
        ({"cooldownPeriod": "300"}, "'300' is not of type 'integer'"),
        ({"scaleTargetRef": {}}, "'name' is a required property"),
    ],
)
def test_the_schema_of_keda_would_notice_a_mistake(wrong: dict[str, Any], said: str) -> None:
    one, *_ = of_kind(rendered("as it is"), "ScaledObject")
    found = [error.message for error in KEDA.iter_errors(one | {"spec": one["spec"] | wrong})]
    assert any(said in message for message in found)


def test_workers_that_attack_reach_the_servers_only() -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in of_kind(rendered("with everything"), "NetworkPolicy")}
    assert policies["exhume"]["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in policies["exhume"]
    labels = [
        one["spec"]["template"]["metadata"]["labels"] for one in of_kind(rendered("with everything"), "Deployment")
    ]
    outside = {one["app.kubernetes.io/component"] for one in labels if one.get("exhume/outside") == "true"}
    assert outside == {"scheduler"}
    assert policies["exhume"]["podSelector"]["matchLabels"].items() <= labels[0].items()
