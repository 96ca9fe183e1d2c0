"""Measure how long the report of an audit with many identities takes, and how large it is.

    python -m bench.cost.report [--identities 300] [--times 3] [--json]

Rows of a finished audit are written into the database of a service, and its report is read over
the API. The report has no pictures, because only the service can seal them. `processor` counts the
API process and the process that makes a PDF.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import psycopg

from bench.cost.processor_time import used_seconds
from bench.serving import Service, serving
from exhume import Client

RESULT = Path(__file__).parents[2] / "tests" / "api" / "stored" / "result.json"
FORMATS = ("html", "pdf", "md")
LINE = "{format:5} {seconds:6.2f} s, {processor:6.2f} s of processor, {megabytes:6.2f} MB"
AUDIT = """
    INSERT INTO audit (project_id, release_id, public_dataset_id, plan, plan_digest, declared_by, declaration,
        requested_by, state, estimate, evidence_level, verdict, risk, risk_low, risk_high, result, delete_images_at,
        finished_at)
    VALUES (%(project)s, %(release)s, %(public)s, %(plan)s, 'sha256:0', 'Dana Kim', 'Ours.', 'key:bench', 'succeeded',
        %(estimate)s, 'verified', 'INCONCLUSIVE', 0, 0, 0.65, %(result)s, now() + interval '30 days', now())
    RETURNING id
"""
OUTCOMES = """
    INSERT INTO identity_outcome (audit_id, project_id, identity, name, verified, details)
    SELECT %(audit)s, %(project)s, identity, 'person ' || identity, identity %% 4 = 0, jsonb_build_object(
        'similarity', '{"a": 0.8, "b": 0.6}'::jsonb, 'threshold', '{"a": 0.5, "b": 0.5}'::jsonb,
        'rank', '{"a": 1, "b": 2}'::jsonb, 'strength', identity / 7.0)
    FROM generate_series(0, %(identities)s - 1) AS identity
"""


def seed(client: Client, url: str, identities: int) -> str:
    """Write a finished audit with this many outcomes, and return its id."""
    project = client.post("/projects", {"name": "reports"})["id"]
    target = client.post(f"/projects/{project}/targets", {"name": "badge-reader"})["id"]
    classes = [f"person {number}" for number in range(identities)]
    body = {"version": "1", "convention": {"height": 32, "width": 32, "channels": 1}, "classes": classes}
    release = client.post(f"/targets/{target}/releases", body)["id"]
    public = client.post(f"/projects/{project}/datasets", {"name": "public", "role": "public"})["id"]
    result = _result(classes)
    estimate = {"seconds": 1.0, "stages": {}, "identities": identities, "measured": False, "concludes": []}
    values: dict[str, Any] = {"project": _uuid(project), "release": _uuid(release), "public": _uuid(public)}
    values |= {"plan": json.dumps(result["settings"]["plan"]), "result": json.dumps(result)}
    values |= {"identities": identities, "estimate": json.dumps(estimate)}
    with psycopg.connect(url, autocommit=True) as connection:
        made = connection.execute(AUDIT, values).fetchone()
        assert made is not None
        connection.execute(OUTCOMES, values | {"audit": made[0]})
    return f"aud_{made[0].hex}"


def _uuid(identifier: str) -> uuid.UUID:
    return uuid.UUID(hex=identifier.partition("_")[2])


def _result(classes: list[str]) -> dict[str, Any]:
    """Return a stored result in which a tenth is the worst decile and as many are named."""
    result: dict[str, Any] = json.loads(RESULT.read_text())
    worst = classes[: len(classes) // 10]
    named = [
        {"identity": number, "name": name, "p_value": 0.001, "strength": 9.0, "restarts": None, "seeds": None}
        for number, name in enumerate(worst)
    ]
    coverage = {"planned": len(classes), "scored": len(classes), "classes": len(classes), "every_class": True}
    return result | {"worst_decile": worst, "named": named, "coverage": coverage}


def measure(service: Service, audit: str, wanted: str, times: int) -> dict[str, Any]:
    """Return the best times of some requests, and the size of the report."""
    seconds, processor, content = [], [], b""
    for _ in range(times):
        began, used = time.perf_counter(), used_seconds(service.pids["api"])
        content = service.client.download(f"/audits/{audit}/report", format=wanted)
        seconds.append(time.perf_counter() - began)
        processor.append(used_seconds(service.pids["api"]) - used)
    figures = {"seconds": min(seconds), "processor": min(processor), "megabytes": len(content) / 1e6}
    return {"format": wanted} | {name: round(figure, 2) for name, figure in figures.items()}


def main() -> None:
    """Print a line for each format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--identities", type=int, default=300)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as service:
        url = json.loads((Path(folder) / "run" / "up.json").read_text())["database_url"]
        audit = seed(service.client, url, chosen.identities)
        for wanted in FORMATS:
            line = measure(service, audit, wanted, chosen.times)
            print(json.dumps(line) if chosen.json else LINE.format(**line))


if __name__ == "__main__":
    main()
