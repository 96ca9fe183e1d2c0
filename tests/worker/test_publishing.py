"""The job's row is the outbox: a queued job's message is sent again after any broker failure."""

import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from app.db.models import Audit, Job, ProjectLimit
from app.db.session import sync_session
from app.db.states import JobState
from app.jobs.broker import CHECKS, QUEUE, QUEUES, RUN_JOB, queue_of, waiting_messages
from app.jobs.dispatch import publish_now
from app.jobs.intake import add_job
from app.jobs.leases import claim
from app.jobs.stages import AUDIT_STAGES, Stage
from app.jobs.transitions import finish
from app.scheduler import reaper
from app.settings import settings
from tests.worker.rows import PLAN, get_job, jobs_of, make_audit, set_job

pytestmark = pytest.mark.usefixtures("settings_env")

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


def test_a_message_names_the_task_and_carries_the_id_alone(redis: Any) -> None:
    _, (job_id, *_) = make_audit()
    assert publish_now([job_id]) == 1
    message = json.loads(redis.lpop(QUEUE))
    assert message["headers"]["task"] == RUN_JOB
    assert message["headers"]["id"] == f"{job_id}:0"
    assert json.loads(b64decode(message["body"]))[0] == [str(job_id)]
    assert get_job(job_id).published_at is not None


def test_what_somebody_uploaded_does_not_wait_behind_an_audit(redis: Any) -> None:
    _, (first, *_) = make_audit()
    with sync_session() as session:
        project_id = session.get_one(Job, first).project_id
        check = add_job(session, project_id, Stage.INTAKE_DATASET, uuid4())
    assert publish_now([first, check]) == 2
    assert {queue: redis.llen(queue) for queue in QUEUES} == {CHECKS: 1, QUEUE: 1}
    assert json.loads(redis.lpop(CHECKS))["headers"]["id"] == f"{check}:0"
    assert waiting_messages() == {CHECKS: 0, QUEUE: 1}
    assert {stage for stage in Stage if queue_of(stage) == QUEUE} == set(AUDIT_STAGES)


def test_only_queued_jobs_are_published(redis: Any) -> None:
    _, (first, second, *_) = make_audit()
    with sync_session() as session:
        claim(session, first, worker="w", lease_seconds=60)
    assert publish_now([first, second]) == 0
    assert redis.llen(QUEUE) == 0


def test_a_broker_that_is_away_is_not_an_error(monkeypatch: pytest.MonkeyPatch, redis: Any) -> None:
    _, (job_id, *_) = make_audit()
    with monkeypatch.context() as patch:
        patch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
        settings.cache_clear()
        assert publish_now([job_id]) == 0
        assert reaper.tick() == 0
    settings.cache_clear()
    assert get_job(job_id).published_at is None
    set_job(job_id, created_at=LONG_AGO)
    assert reaper.tick() == 1
    assert redis.llen(QUEUE) == 1


def test_what_was_never_published_is_published_by_the_reaper(redis: Any) -> None:
    _, (job_id, *_) = make_audit()
    assert reaper.tick() == 0, "the dispatcher has a second to do it"
    set_job(job_id, created_at=LONG_AGO)
    assert reaper.tick() == 1
    assert redis.llen(QUEUE) == 1


def test_a_flushed_broker_gets_its_messages_again(redis: Any) -> None:
    ids = [make_audit()[1][0] for _ in range(5)]
    assert publish_now(ids) == 5
    assert reaper.tick() == 0
    redis.flushall()
    for job_id in ids:
        set_job(job_id, published_at=datetime.now(UTC) - timedelta(seconds=2 * settings().reaper_seconds))
    assert reaper.tick() == 5
    assert redis.llen(QUEUE) == 5
    assert reaper.tick() == 0


def test_messages_that_wait_behind_a_busy_worker_are_not_doubled(redis: Any) -> None:
    _, (job_id, *_) = make_audit()
    publish_now([job_id])
    set_job(job_id, published_at=datetime.now(UTC) - timedelta(seconds=2 * settings().reaper_seconds))
    assert reaper.tick() == 0
    assert redis.llen(QUEUE) == 1


def test_a_message_lost_among_others_is_sent_again(redis: Any) -> None:
    ids = [make_audit()[1][0] for _ in range(3)]
    publish_now(ids)
    for job_id in ids:
        set_job(job_id, published_at=LONG_AGO)
    assert reaper.tick() == 0
    redis.lpop(QUEUE)
    assert reaper.tick() == 1, "any message stands for the job whose turn it is"
    assert redis.llen(QUEUE) == 3
    assert reaper.tick() == 0


def test_a_message_lost_in_one_queue_is_not_hidden_by_those_of_the_other(redis: Any) -> None:
    ids = [make_audit()[1][0] for _ in range(3)]
    with sync_session() as session:
        check = add_job(session, session.get_one(Job, ids[0]).project_id, Stage.INTAKE_DATASET, uuid4())
    publish_now([*ids, check])
    for job_id in (*ids, check):
        set_job(job_id, published_at=LONG_AGO)
    redis.delete(CHECKS)
    redis.rpush(QUEUE, "redundant")
    assert reaper.tick() == 1
    assert redis.llen(CHECKS) == 1


def test_no_more_messages_are_sent_than_a_project_has_room_for(redis: Any) -> None:
    audit_id, _ = make_audit(PLAN | {"identities": list(range(40))})
    shards = [job.id for job in jobs_of(audit_id, "attack")]
    with sync_session() as session:
        project_id = session.get_one(Audit, audit_id).project_id
        session.add(ProjectLimit(project_id=project_id, updated_by="test", running_jobs=3))
        session.execute(update(Job).where(Job.audit_id == audit_id).values(state="succeeded"))
        session.execute(update(Job).where(Job.id.in_(shards)).values(state="queued", created_at=LONG_AGO))
    with sync_session() as session:
        assert claim(session, shards[0], worker="w", lease_seconds=60)
    assert reaper.tick() == 2
    with sync_session() as session:
        assert finish(session, shards[0], 1, JobState.SUCCEEDED) == [], "those that were held back are not sent all"
