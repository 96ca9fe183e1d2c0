"""Send signed webhooks to a source at a fixed rate, and measure the time to the answer.

    python -m bench.cost.webhooks [--rate 50] [--seconds 20] [--json]

Starts the service with `exhume up` in a temporary folder. Each webhook is sent when it is due,
whether or not the one before was answered, and its time counts from then.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from bench.serving import serving

RELEASE = {
    "architecture": "exhume/small-cnn",
    "convention": {"height": 32, "width": 32, "channels": 1},
    "classes": ["a", "b"],
}
SETTLING = 20.0
"""Seconds in which the workers load the engine, which takes a whole core."""
BODY = json.dumps(
    {"entity": "registered_model", "action": "updated", "timestamp": "2026-01-01T00:00:00Z", "data": {"name": "badge"}}
).encode()


def headers(secret: str, delivery: str) -> dict[str, str]:
    """Return the headers of a webhook as MLflow signs it."""
    stamp = str(int(time.time()))
    made = hmac.new(secret.encode(), f"{delivery}.{stamp}.".encode() + BODY, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "X-MLflow-Delivery-Id": delivery,
        "X-MLflow-Timestamp": stamp,
        "X-MLflow-Signature": "v1," + base64.b64encode(made).decode(),
    }


async def send(url: str, secret: str, rate: int, seconds: int, *, first: int = 0) -> list[float]:
    """Return the milliseconds to each answer. `first` numbers the deliveries."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:

        async def one(number: int, due: float) -> float:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            answer = await client.post(url, content=BODY, headers=headers(secret, f"d-{first + number}"))
            assert (answer.status_code, answer.json()) == (202, {"accepted": True}), answer.text
            return 1000 * (time.perf_counter() - due)

        begun = time.perf_counter() + 0.5
        return list(await asyncio.gather(*(one(number, begun + number / rate) for number in range(rate * seconds))))


def measure(rate: int, seconds: int) -> dict[str, Any]:
    """Run the service and return the figures."""
    with tempfile.TemporaryDirectory(prefix="exhume-bench-") as name:
        permitted = {
            "EXHUME_IMPORT_HOSTS": '["mlflow.invalid"]',
            "EXHUME_IMPORT_REGISTRY_URL": "https://mlflow.invalid",
        }
        with serving(Path(name), permitted) as service:
            state = json.loads((Path(name) / "run" / "up.json").read_text())
            project = service.client.post("/projects", {"name": "bench"})["id"]
            target = service.client.post(f"/projects/{project}/targets", {"name": "t"})["id"]
            body = {"name": "s", "target_id": target, "address": "models:/badge", "release": RELEASE}
            source = service.client.post(f"/projects/{project}/sources", body)
            url = state["url"] + source["webhook_path"]
            time.sleep(SETTLING)
            asyncio.run(send(url, source["webhook_secret"], 10, 1))  # opens connections of the pool
            took = asyncio.run(send(url, source["webhook_secret"], rate, seconds, first=1000))
    cuts = statistics.quantiles(took, n=100)
    return {
        "webhooks": len(took),
        "rate": rate,
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
        "longest_ms": round(max(took), 1),
        "load": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.rate, arguments.seconds)
    print(json.dumps(found) if arguments.json else "\n".join(f"{name:12} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
