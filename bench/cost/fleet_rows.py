"""Rows of the fleet simulator: audits whose attack has many shards, and what became of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from app.contract.plan import IdentitySample, Plan, PlannedAttack, PlannedSets

BEFORE = ("references", "prepare", "prior", "students", "controls")
AFTER = ("verify", "power", "score")
Database = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Ended:
    """The state of all jobs at the end. `doubled` counts writes beyond the first of a job."""

    jobs: int
    lost: int
    doubled: int
    unfinished_audits: int
    attempts: int


def add_audits(database: Database, projects: list[UUID], *, audits: int, shards: int, attempts: int = 3) -> None:
    """Write audits of these projects. Their first stages are done, and the shards are queued."""
    values = {"projects": projects, "audits": audits, "shards": shards, "plan": json.dumps(_plan(shards).document())}
    values |= {"before": list(BEFORE), "after": list(AFTER), "attempts": attempts}
    for statement in STATEMENTS:
        database.execute(statement, values)
    database.execute("ANALYZE")


def unfinished(database: Database) -> int:
    """Return the number of jobs that have not ended."""
    return _number(database, "SELECT count(*) FROM job WHERE state NOT IN ('succeeded', 'failed', 'cancelled')")


def queued(database: Database) -> int:
    """Return the number of shards that nobody has claimed yet."""
    return _number(database, "SELECT count(*) FROM job WHERE state = 'queued'")


def transactions(database: Database) -> int:
    """Return the number of transactions that the database has ended."""
    return _number(
        database, "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
    )


def ended(database: Database) -> Ended:
    """Count what was lost and what was written twice."""
    simulated = "FROM job WHERE NOT stage = ANY(%s)"
    before = [list(BEFORE)]
    return Ended(
        jobs=_number(database, f"SELECT count(*) {simulated}", before),
        lost=_number(
            database, f"SELECT count(*) {simulated} AND id NOT IN (SELECT job_id FROM simulated_write)", before
        ),
        doubled=_number(database, "SELECT count(*) - count(DISTINCT job_id) FROM simulated_write"),
        unfinished_audits=_number(database, "SELECT count(*) FROM audit WHERE state <> 'succeeded'"),
        attempts=_number(database, f"SELECT sum(attempt) {simulated}", before),
    )


def _number(database: Database, statement: str, values: list[Any] | None = None) -> int:
    row = database.execute(statement.encode(), values).fetchone()
    assert row is not None
    return int(row[0] or 0)


STATEMENTS = (
    "CREATE TABLE simulated_write (job_id uuid NOT NULL, attempt integer NOT NULL, worker text NOT NULL)",
    "INSERT INTO target (project_id, name) SELECT id, 'target' FROM unnest(%(projects)s::uuid[]) AS id",
    """
    INSERT INTO release (project_id, target_id, version, architecture, hyperparameters, convention, classes, state)
    SELECT project_id, id, '1', 'exhume/small-cnn', '{}', '{"height": 32, "width": 32, "channels": 1}', '["a"]', 'ready'
    FROM target WHERE project_id = ANY(%(projects)s)
    """,
    """
    INSERT INTO dataset (project_id, name, role, state) SELECT id, 'public', 'public', 'ready'
    FROM unnest(%(projects)s::uuid[]) AS id
    """,
    """
    INSERT INTO audit (project_id, release_id, public_dataset_id, plan, plan_digest, declared_by, declaration,
        requested_by, state, estimate, delete_images_at)
    SELECT release.project_id, release.id, dataset.id, %(plan)s, 'sha256:0', 'Dana Kim', 'Ours.', 'key:bench',
        'running', '{}', now() + interval '30 days'
    FROM release JOIN dataset ON dataset.project_id = release.project_id,
        generate_series(1, %(audits)s / cardinality(%(projects)s::uuid[]))
    WHERE release.project_id = ANY(%(projects)s)
    """,
    """
    INSERT INTO job (project_id, audit_id, stage, shard, shards, state, max_attempts, attempt, created_at)
    SELECT audit.project_id, audit.id, stage, 0, 1, 'succeeded', 3, 1, now() - interval '1 hour'
    FROM audit, unnest(%(before)s::text[]) AS stage
    UNION ALL
    SELECT audit.project_id, audit.id, 'attack', shard, %(shards)s, 'queued', %(attempts)s, 0, now() - interval '1 hour'
    FROM audit, generate_series(0, %(shards)s - 1) AS shard
    UNION ALL
    SELECT audit.project_id, audit.id, stage, 0, 1, 'waiting', %(attempts)s, 0, now() - interval '1 hour'
    FROM audit, unnest(%(after)s::text[]) AS stage
    """,
)


def _plan(shards: int) -> Plan:
    attack = PlannedAttack(
        **{"name": "decoder", "setting": "lom", "prior": "pca", "prior_kind": "pca", "steps": 300, "restarts": 4},
        **{"students": 0, "attack_options": {}, "shard_size": 1},
    )
    return Plan(
        **{"version": 4, "attacks": [attack], "effort": "standard", "identities": list(range(shards))},
        **{"identity_sample": IdentitySample(count=shards, seed=0, of=shards), "seed": 0, "budget": 0.05},
        **{"release_plan": None, "confidence": 0.95, "verifiers": None, "datasets": PlannedSets()},
        **{"gallery": None, "twin": None},
    )
