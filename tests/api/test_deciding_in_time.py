"""The scheduler decides what is due, once, and ends and announces waivers in time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.db.models import Audit, Decision, Waiver
from app.db.session import sync_session
from app.db.states import AuditState
from app.policies import upkeep
from app.scheduler.decisions import Decisions
from tests.api import seeds
from tests.api.conftest import Tenant, with_key
from tests.api.gated import LEAKING, RELAXED, Line, events, line, waiver_body

DAY = timedelta(days=1)


@pytest.fixture
def scheduler() -> Decisions:
    """The part of the scheduler that decides."""
    return Decisions()


def numbers() -> int:
    """Return the number of all decisions."""
    with sync_session() as session:
        return session.scalar(select(func.count()).select_from(Decision)) or 0


async def listed(of: Line) -> list[tuple[str, str, str]]:
    """Return audit, outcome and cause of all decisions, oldest first."""
    rows = (await of.get(f"/targets/{of.target}/decisions"))["items"]
    return [(one["audit_id"], one["outcome"], one["cause"]) for one in reversed(rows)]


async def approve(of: Line, **changes: Any) -> str:
    """Have a waiver asked for and approved."""
    asked = await of.post(f"/targets/{of.target}/waivers", waiver_body(**changes))
    async with with_key(of.tenant.client._transport, await of.tenant.key("waivers:approve", "audits:read")) as other:  # type: ignore[arg-type]
        assert (await other.post(f"/api/v1/waivers/{asked['id']}/approve")).status_code == 200
    return str(asked["id"])


async def test_finished_audits_are_decided_once(tenant: Tenant, scheduler: Decisions) -> None:
    of = await line(tenant)
    before = of.audit(await of.release(), ended=datetime.now(UTC) - DAY, **LEAKING)
    assert (scheduler.tick(), numbers()) == (False, 0)  # no policy yet
    await of.policy()
    release = await of.release()
    audit = of.audit(release)
    failed = of.row(await of.release(), state=AuditState.FAILED)
    of.row(release, state=AuditState.CANCELLED)
    of.row(release, state=AuditState.RUNNING)
    with sync_session() as session:
        replay = of.audit(release)
        session.get_one(Audit, seeds.uuid_of(replay)).replay_of = seeds.uuid_of(audit)
    for _ in range(2):
        assert scheduler.tick() is False
    assert await listed(of) == [(before, "fail", "audit"), (audit, "pass", "audit"), (failed, "fail", "audit")]
    assert events() == [("decision.made", audit), ("decision.made", failed), ("decision.failed", failed)]


async def test_a_new_version_or_assignment_decides_the_newest_audit_of_each_release(
    tenant: Tenant, scheduler: Decisions
) -> None:
    of = await line(tenant)
    made = await of.policy()
    first, second = await of.release(), await of.release()
    audits = [of.audit(release) for release in (first, first, second)]
    scheduler.tick()
    await of.post(f"/policies/{made['id']}/versions", {"policy": RELAXED | {"fewest_identities": 7}})
    scheduler.tick()
    again = [(audits[1], "fail", "policy"), (audits[2], "fail", "policy")]
    assert (await listed(of))[3:] == again
    await of.policy("other")
    scheduler.tick()
    assert (await listed(of))[5:] == [(audit, "pass", "policy") for audit, _, _ in again]
    assert (scheduler.tick(), numbers()) == (False, 7)


async def test_a_decision_that_runs_out_is_made_again_at_that_moment(tenant: Tenant, scheduler: Decisions) -> None:
    of = await line(tenant)
    await of.policy(freshness={"days": 30})
    ended = datetime.now(UTC)
    audit = of.audit(await of.release(), ended=ended)
    scheduler.tick(ended)
    scheduler.tick(ended + 30 * DAY - timedelta(seconds=1))
    assert numbers() == 1
    for _ in range(2):
        scheduler.tick(ended + 30 * DAY)
    assert await listed(of) == [(audit, "pass", "audit"), (audit, "fail", "time")]
    assert [kind for kind, _ in events()] == ["decision.made", "decision.made", "decision.failed"]


async def test_an_expired_waiver_fails_the_release_again(tenant: Tenant, scheduler: Decisions) -> None:
    of = await line(tenant)
    await of.policy()
    audit = of.audit(await of.release(), **LEAKING)
    scheduler.tick()
    await approve(of)
    scheduler.tick(datetime.now(UTC) + 29 * DAY)
    assert (await listed(of))[-1] == (audit, "warn", "waiver")
    scheduler.tick(datetime.now(UTC) + 30 * DAY)
    assert (await listed(of))[-1] == (audit, "fail", "time")
    assert numbers() == 3


async def test_a_waiver_until_the_next_release_ends_when_that_is_ready(tenant: Tenant, scheduler: Decisions) -> None:
    of = await line(tenant)
    await of.policy()
    audit = of.audit(await of.release(), **LEAKING)
    scheduler.tick()
    waiver = await approve(of, until_next_release=True)
    other = await approve(of, rule="EXH002")
    scheduler.tick()
    assert (await listed(of))[-1] == (audit, "warn", "waiver")
    await of.release()
    for _ in range(2):
        scheduler.tick()
    assert (await listed(of))[-1] == (audit, "fail", "waiver")
    states = {one["id"]: one["state"] for one in (await of.get(f"/targets/{of.target}/waivers"))["items"]}
    assert states == {waiver: "ended", other: "approved"}
    log = (await of.get(f"/projects/{tenant.project_id}/audit-log"))["items"]
    assert [entry["subject"] for entry in log if entry["action"] == "waiver.ended"] == [waiver]


@pytest.mark.parametrize(
    ("lifetime", "at", "warned"),
    [
        (30, [22.9, 23.1, 23.2, 28.9, 29.1, 29.2, 30.1], [7, 1]),
        (30, [29.5, 29.6], [1]),  # no scheduler was running a week before
        (3, [0.1, 1.9, 2.1], [1]),  # approved less than a week before
        (30, [30.1], []),
    ],
)
async def test_a_waiver_that_expires_is_announced_twice(
    tenant: Tenant, scheduler: Decisions, lifetime: int, at: list[float], warned: list[int]
) -> None:
    of = await line(tenant)
    await of.release()
    start = datetime.now(UTC)
    waiver = await approve(of, expires_at=(start + lifetime * DAY).isoformat())
    for days in at:
        scheduler.tick(start + timedelta(days=days))
    assert [name for kind, name in events() if kind == "waiver.expiring"] == [waiver] * len(warned)
    with sync_session() as session:
        assert session.scalar(select(Waiver.warned_days)) == (warned[-1] if warned else None)


async def test_a_crash_in_the_middle_leaves_nothing_and_the_next_round_decides(
    tenant: Tenant, scheduler: Decisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = await line(tenant)
    await of.policy()
    audit = of.audit(await of.release())

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("app.policies.recording.audit_log.write_now", crash)
        with pytest.raises(KeyboardInterrupt):
            scheduler.tick()
    assert (numbers(), events()) == (0, [])
    scheduler.tick()
    assert await listed(of) == [(audit, "pass", "audit")]


async def test_a_result_that_cannot_be_read_does_not_hold_up_the_others(tenant: Tenant, scheduler: Decisions) -> None:
    of = await line(tenant)
    await of.policy()
    broken = of.row(await of.release(), result={"schema": "exhume.result/9"})
    audit = of.audit(await of.release())
    for _ in range(2):
        assert scheduler.tick() is False
    assert await listed(of) == [(audit, "pass", "audit")]
    with sync_session() as session:
        assert upkeep.due(session, datetime.now(UTC), limit=9) == [seeds.uuid_of(broken)]


async def test_two_decisions_of_an_audit_never_have_the_same_number(tenant: Tenant, scheduler: Decisions) -> None:
    of = await line(tenant)
    await of.policy()
    of.audit(await of.release())
    of.audit(await of.release())
    scheduler.tick()
    with sync_session() as session:
        row = session.scalars(select(Decision)).first()
        assert row is not None
        columns = {one.key: getattr(row, one.key) for one in Decision.__table__.columns if one.key != "id"}
        session.add(Decision(**columns))
        with pytest.raises(IntegrityError, match="uq_decision_audit_id_number"):
            session.flush()
        session.rollback()
