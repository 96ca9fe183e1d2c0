"""Register a model in a real MLflow server, and wait until its verdict is written back there.

    python -m bench.truth.mlflow_registry --mlflow PATH [--json]

`PATH` is the command `mlflow` in an environment of its own: `pip install mlflow` there. The server
calls the service by its webhook when the alias is set. The model has random weights and ten
classes, so that its audit ends early: it does not know its own training images.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import torch
from safetensors.torch import save

from bench.serving import serving, wait_until
from bench.truth import models
from bench.truth.grid import people
from bench.truth.service import RIGHTS, Desk
from worker.inversion.targets.small_cnn import SmallCnn

CLASSES = 10
API = "api/2.0/mlflow"
EVENTS = [{"entity": "MODEL_VERSION_ALIAS", "action": "CREATED"}]


@contextmanager
def registry(command: str, folder: Path) -> Iterator[httpx.Client]:
    """Run an MLflow server, and yield a client of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    permitted = {
        "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https",
        "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
        "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
    }
    places = ["--backend-store-uri", f"sqlite:///{folder}/db.sqlite", "--artifacts-destination", f"{folder}/artifacts"]
    arguments = [command, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", *places]
    with (folder / "mlflow.log").open("wb") as log:
        process = subprocess.Popen(arguments, env=os.environ | permitted, stdout=log, stderr=log, cwd=folder)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/", trust_env=False, timeout=60) as client:
            wait_until(lambda: _answers(client))
            yield client
    finally:
        process.terminate()
        process.wait(60)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("health").is_success
    except httpx.TransportError:
        return False


def call(client: httpx.Client, path: str, body: dict[str, Any]) -> Any:
    """POST a JSON document to the registry and return the answer."""
    answer = client.post(f"{API}/{path}", json=body)
    assert answer.is_success, answer.text
    return answer.json()


def register(client: httpx.Client, name: str, checkpoint: bytes) -> str:
    """Store a checkpoint, register it as a version and give it the alias. Returns the version."""
    run = call(client, "runs/create", {"experiment_id": "0"})["run"]["info"]
    place = run["artifact_uri"].removeprefix("mlflow-artifacts:/")
    client.put(f"api/2.0/mlflow-artifacts/artifacts/{place}/model.safetensors", content=checkpoint).raise_for_status()
    call(client, "registered-models/create", {"name": name})
    body = {"name": name, "source": run["artifact_uri"], "run_id": run["run_id"]}
    made = call(client, "model-versions/create", body)
    version = str(made["model_version"]["version"])
    call(client, "registered-models/alias", {"name": name, "alias": "candidate", "version": version})
    return version


def measure(command: str) -> dict[str, Any]:
    """Run both servers and return what happened."""
    with tempfile.TemporaryDirectory(prefix="exhume-mlflow-") as there, registry(command, Path(there)) as mlflow:
        host = f"{mlflow.base_url.host}:{mlflow.base_url.port}"
        settings = {
            "EXHUME_IMPORT_HOSTS": json.dumps([host]),
            "EXHUME_IMPORT_NETWORKS": '["127.0.0.0/8"]',
            "EXHUME_IMPORT_REGISTRY_URL": f"http://{host}",
        }
        with tempfile.TemporaryDirectory(prefix="exhume-bench-") as name, serving(Path(name), settings) as service:
            models.write_sets(Path(name), CLASSES)
            desk = Desk(service.client, Path(name), "badge")
            audit = {
                "public_dataset_id": desk.set_of("public", "public"),
                "private_dataset_id": desk.set_of(f"private-{CLASSES}", "private"),
                "effort": "quick",
                "rights": RIGHTS,
            }
            weekly = {"name": "weekly", "target_id": desk.target, "cron": "0 3 * * MON", "audit": audit}
            schedule = service.client.post(f"/projects/{desk.project}/schedules", weekly)
            convention = {"height": models.SIDE, "width": models.SIDE, "channels": 1, "mean": [0.5], "std": [0.5]}
            described = {"convention": convention, "classes": people(CLASSES), "classes_are": "other"}
            body = {
                **{"name": "registry", "target_id": desk.target, "schedule_id": schedule["id"]},
                **{"address": "models:/badge@candidate", "release": described, "write_back": True},
            }
            source = service.client.post(f"/projects/{desk.project}/sources", body)
            hook = {"name": "exhume", "url": service.client.url + source["webhook_path"], "events": EVENTS}
            call(mlflow, "webhooks", hook | {"secret": source["webhook_secret"]})
            time.sleep(15)  # the first check finds no such model
            torch.manual_seed(0)
            network = SmallCnn(num_classes=CLASSES, channels=1)
            began = time.monotonic()
            version = register(mlflow, "badge", save(network.state_dict()))
            path = f"/sources/{source['id']}/changes"
            wait_until(lambda: bool(service.client.get(path)["items"]))
            noticed = time.monotonic() - began
            wait_until(lambda: service.client.get(path)["items"][0]["written_at"] is not None, seconds=900)
            found = mlflow.get(f"{API}/model-versions/get", params={"name": "badge", "version": version}).json()
            return {
                "seconds_noticed": round(noticed, 1),
                "seconds_written": round(time.monotonic() - began, 1),
                "tags": {tag["key"]: tag["value"] for tag in found["model_version"]["tags"]},
                "server": mlflow.get("version").text,
                "load": os.getloadavg()[0],
            }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mlflow", required=True, help="the command `mlflow`")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.mlflow)
    print(json.dumps(found) if arguments.json else "\n".join(f"{name:16} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
