"""Rows of a company: audits with plans of 100 identities, and their reconstructions."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import psycopg

from app.contract.plan import IdentitySample, Plan, PlannedAttack, PlannedSets
from exhume import Client

IDENTITIES = 100
CLASSES = 1000
READ_OFTEN = 100


@dataclass(frozen=True)
class Seeded:
    """Ids of the rows that the reads ask for."""

    project: str
    target: str
    finished: list[str]
    others: list[str]
    """Finished ones that are read once at most."""
    running: str


def seed(client: Client, database_url: str, audits: int, reconstructions: int, releases: int = 50) -> Seeded:
    """Write the rows. One audit is running and has no end."""
    project = client.post("/projects", {"name": "load"})["id"]
    target = client.post(f"/projects/{project}/targets", {"name": "badge-reader"})["id"]
    convention = {"height": 64, "width": 64, "channels": 3}
    classes = [f"person {number}" for number in range(CLASSES)]
    for number in range(releases):
        body = {"version": str(number), "convention": convention, "classes": classes}
        release = client.post(f"/targets/{target}/releases", body)["id"]
    public = client.post(f"/projects/{project}/datasets", {"name": "public", "role": "public"})["id"]
    private = client.post(f"/projects/{project}/datasets", {"name": "private", "role": "private"})["id"]
    values = {
        **{"project": _uuid(project), "release": _uuid(release), "public": _uuid(public), "private": _uuid(private)},
        **{"audits": audits, "plan": json.dumps(_plan().document()), "estimate": json.dumps(_estimate())},
        **{"result": json.dumps(_result()), "identities": IDENTITIES, "each": reconstructions // audits},
    }
    with psycopg.connect(database_url, autocommit=True) as connection:
        for statement in STATEMENTS:
            connection.execute(statement, values)
        connection.execute("VACUUM ANALYZE")
        ids = [f"aud_{row[0].hex}" for row in connection.execute(NEWEST, values)]
        (running,) = connection.execute(RUNNING, values).fetchone() or ("",)
    return Seeded(project, target, ids[:READ_OFTEN], ids[READ_OFTEN:], f"aud_{running.hex}")


STATEMENTS = (
    """
    INSERT INTO audit (project_id, release_id, public_dataset_id, private_dataset_id, plan, plan_digest, declared_by,
        declaration, requested_by, state, estimate, evidence_level, verdict, risk, risk_low, risk_high, result,
        delete_images_at, created_at, finished_at, frozen_digest, event_seq)
    SELECT %(project)s, %(release)s, %(public)s, %(private)s, %(plan)s, 'sha256:0', 'Dana Kim', 'Ours.', 'key:load',
        CASE number WHEN 1 THEN 'running' ELSE 'succeeded' END, %(estimate)s, 'verified', 'FAIL', 0.9, 0.8, 1.0,
        %(result)s, now() + interval '30 days', now() - number * interval '1 minute', now(), 'sha256:0', 40
    FROM generate_series(1, %(audits)s) AS number
    """,
    """
    INSERT INTO reconstruction (project_id, audit_id, source, attack, identity, seed, restart, submitted, sealed_image,
        digest, target_score, target_confidence)
    SELECT %(project)s, audit.id, 'attack', 0, identity, 0, 0, true, '\\x00112233445566778899aabbccddeeff',
        repeat('0', 64), 1.5, 0.9
    FROM audit, generate_series(0, %(each)s - 1) AS identity WHERE audit.project_id = %(project)s
    """,
    """
    INSERT INTO job_event (audit_id, seq, project_id, kind, payload)
    SELECT audit.id, seq, %(project)s, 'progress', '{"stage": "attack", "done": 1, "total": 100}'
    FROM audit, generate_series(1, 40) AS seq WHERE audit.project_id = %(project)s AND audit.state = 'running'
    """,
    """
    INSERT INTO job (project_id, audit_id, stage, state, max_attempts, attempt, started_at, finished_at, lease_until)
    SELECT %(project)s, audit.id, stage, CASE audit.state WHEN 'running' THEN 'running' ELSE 'succeeded' END, 3, 1,
        audit.created_at, audit.finished_at - interval '1 day',
        CASE audit.state WHEN 'running' THEN now() + interval '1 day' END
    FROM audit, unnest('{references,prepare,prior,attack,controls,verify,power,score}'::text[]) AS stage
    WHERE audit.project_id = %(project)s
    """,
    """
    INSERT INTO identity_outcome (audit_id, project_id, identity, name, verified, details)
    SELECT chosen.id, %(project)s, identity, 'person ' || identity, true, '{"strength": 3.0}'
    FROM (SELECT id FROM audit WHERE project_id = %(project)s ORDER BY created_at DESC LIMIT 100) AS chosen,
        generate_series(0, %(identities)s - 1) AS identity
    """,
)
NEWEST = "SELECT id FROM audit WHERE project_id = %(project)s AND state = 'succeeded' ORDER BY created_at DESC"
RUNNING = "SELECT id FROM audit WHERE project_id = %(project)s AND state = 'running'"


def _uuid(identifier: str) -> uuid.UUID:
    return uuid.UUID(hex=identifier.partition("_")[2])


def _plan() -> Plan:
    attack = PlannedAttack(
        **{"name": "decoder", "setting": "lom", "prior": "pca", "prior_kind": "pca", "steps": 300, "restarts": 4},
        **{"students": 0, "attack_options": {}, "shard_size": 25},
    )
    return Plan(
        **{"version": 4, "attacks": [attack], "effort": "standard", "identities": list(range(IDENTITIES))},
        **{"identity_sample": IdentitySample(count=IDENTITIES, seed=0, of=CLASSES), "seed": 0, "budget": 0.05},
        **{"release_plan": None, "confidence": 0.95, "verifiers": None, "datasets": PlannedSets()},
        **{"gallery": None, "twin": None},
    )


def _estimate() -> dict[str, Any]:
    stages = dict.fromkeys(("references", "prepare", "prior", "attack", "controls", "verify", "power", "score"), 60.0)
    sentence = "It can conclude FAIL, and PASS if the power check finds enough."
    return {"seconds": 480.0, "stages": stages, "identities": IDENTITIES, "measured": False, "concludes": [sentence]}


def _result() -> dict[str, Any]:
    """A result of a usual size, of which the reads show one sentence."""
    figures = [{"identity": number, "similarity": number / 7, "rank": 1, "margin": 0.3} for number in range(IDENTITIES)]
    return {"sentence": "90 of 100 people recognised by both verifiers.", "identities": figures}
