"""Watched sources: a new revision becomes a release once, and its audit is written back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db.models import Audit, Release, ScheduleRun, Source, SourceChange, Upload
from app.db.session import sync_session
from app.db.states import AuditState, IntakeState, UploadState
from app.settings import settings
from app.sources.rounds import LONGEST_WAIT, back_off, round_of
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.api.scheduled import request_of, runs, start_all
from tests.api.sources import HOSTS, HUB, RELEASE, Stub, changes_of, made_source, out_of_order, shown
from tests.results import RESULT

COMMIT = "ab" * 20
API = "/api/2.0/mlflow"


@pytest.fixture(autouse=True)
def _permitted(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXHUME_IMPORT_HOSTS", HOSTS)
    monkeypatch.setenv("EXHUME_IMPORT_HUB_URL", HUB)
    monkeypatch.setenv("EXHUME_IMPORT_REGISTRY_URL", "https://mlflow.example/")
    settings.cache_clear()


@pytest.fixture
def client() -> Stub:
    made = Stub()
    made.answer("GET", f"{API}/registered-models/alias", {"model_version": {"name": "badge", "version": "7"}})
    made.answer("POST", f"{API}/registered-models/get-latest-versions", {"model_versions": [{"version": "5"}]})
    made.answer("GET", f"{API}/model-versions/search", {"model_versions": [{"version": "9"}]})
    made.answer("GET", "/api/models/acme/badge/revision/main", {"sha": COMMIT})
    made.answer("GET", "/badge/model.safetensors", b"", ETag='"v1"')
    made.answer("GET", "/models", LISTING)
    return made


LISTING = b"""<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<Contents><Key>badge/old.safetensors</Key><LastModified>2026-01-01T00:00:00Z</LastModified><ETag>"a1"</ETag></Contents>
<Contents><Key>badge/new.safetensors</Key><LastModified>2026-02-01T00:00:00Z</LastModified><ETag>"b2"</ETag></Contents>
<Contents><Key>badge/notes.txt</Key><LastModified>2026-03-01T00:00:00Z</LastModified><ETag>"c3"</ETag></Contents>
</ListBucketResult>"""


def check_again() -> None:
    """Let every source and change be due."""
    with sync_session() as session:
        session.execute(update(Source).values(next_check_at=datetime.now(UTC) - timedelta(seconds=1)))
        due = update(SourceChange).where(SourceChange.next_at.is_not(None))
        session.execute(due.values(next_at=datetime.now(UTC) - timedelta(seconds=1)))


@pytest.mark.parametrize(
    ("address", "revision", "version", "imported"),
    [
        ("models:/badge@candidate", "7", "7", "models:/badge/7/model.safetensors"),
        ("models:/badge/Staging/weights/model.safetensors", "5", "5", "models:/badge/5/weights/model.safetensors"),
        ("models:/badge", "9", "9", "models:/badge/9/model.safetensors"),
        ("hf://acme/badge@main/model.safetensors", COMMIT, COMMIT[:12], f"hf://acme/badge@{COMMIT}/model.safetensors"),
        (
            "https://files.example/badge/model.safetensors",
            '"v1"',
            "v1",
            "https://files.example/badge/model.safetensors",
        ),
        ("s3://models/badge/", "b2 badge/new.safetensors", "b2badgenew.s", "s3://models/badge/new.safetensors"),
    ],
)
async def test_what_is_there_becomes_a_release_once(
    tenant: Tenant, client: Stub, address: str, revision: str, version: str, imported: str
) -> None:
    source = await made_source(tenant, address)
    assert await round_of(client) == 1
    check_again()
    await round_of(client)
    [change] = await changes_of(tenant, source)
    assert change["revision"] == revision
    release = (await tenant.client.get(f"/api/v1/releases/{change['release_id']}")).json()
    assert (release["version"], release["classes"]) == (version, RELEASE["classes"])
    with sync_session() as session:
        [upload] = session.scalars(select(Upload)).all()
        assert (upload.address, upload.requested_by) == (imported, "source:registry")
    after = await shown(tenant, source)
    assert (after["seen"], after["errors"], after["problem"]) == (revision, 0, None)


async def test_a_new_revision_is_a_new_release(tenant: Tenant, client: Stub) -> None:
    source = await made_source(tenant, "models:/badge@candidate")
    await round_of(client)
    client.answer("GET", f"{API}/registered-models/alias", {"model_version": {"version": "8"}})
    check_again()
    await round_of(client)
    assert [change["revision"] for change in await changes_of(tenant, source)] == ["8", "7"]
    log = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    assert [entry["actor"] for entry in log if entry["action"] == "release.created"] == ["source:registry"] * 2


async def test_a_registry_that_fails_for_an_hour_loses_nothing(tenant: Tenant, client: Stub) -> None:
    source = await made_source(tenant, "models:/badge@candidate", check_seconds=60)
    waits = []
    with out_of_order(client, 500):
        for _ in range(6):
            await round_of(client)
            after = await shown(tenant, source)
            waits.append(datetime.fromisoformat(after["next_check_at"]) - datetime.now(UTC))
            check_again()
    assert after["problem"]["code"] == "source_unavailable"
    assert after["errors"] == 6
    assert [round(wait / timedelta(minutes=1)) for wait in waits] == [1, 2, 4, 8, 16, 32]
    assert await changes_of(tenant, source) == []
    await round_of(client)
    assert [change["revision"] for change in await changes_of(tenant, source)] == ["7"]
    assert (await shown(tenant, source))["problem"] is None


async def test_an_unexpected_error_holds_up_one_source_and_not_the_others(tenant: Tenant, client: Stub) -> None:
    broken = await made_source(tenant, "models:/badge@candidate")
    other = await made_source(tenant, "models:/badge", name="other", target_id=broken["target_id"])
    with sync_session() as session:
        row = session.get_one(Source, seeds.uuid_of(broken["id"]))
        row.release = {"classes": "of an older version"}
    await round_of(client)
    assert (await shown(tenant, broken))["problem"]["code"] == "internal"
    assert len(await changes_of(tenant, other)) == 1


def test_the_wait_after_errors_has_a_limit() -> None:
    assert back_off(300, 1000) == LONGEST_WAIT
    assert back_off(86_400, 3) == timedelta(days=1)


async def test_a_source_that_vanished_or_answers_nonsense_says_so(tenant: Tenant, client: Stub) -> None:
    source = await made_source(tenant, "hf://acme/badge@main/model.safetensors")
    for status, code in ((404, "source_gone"), (403, "import_denied"), (418, "source_answer")):
        with out_of_order(client, status):
            await round_of(client)
        assert (await shown(tenant, source))["problem"]["code"] == code
        check_again()
    for body in (b"<html>", b"[1]", b'{"sha": "main"}'):
        client.answer("GET", "/api/models/acme/badge/revision/main", body)
        await round_of(client)
        assert (await shown(tenant, source))["problem"]["code"] == "source_answer"
        check_again()


async def test_entities_in_a_listing_are_not_expanded(tenant: Tenant, client: Stub) -> None:
    source = await made_source(tenant, "s3://models/badge/")
    client.answer("GET", "/models", b'<!DOCTYPE a [<!ENTITY b "c">]>' + LISTING)
    await round_of(client)
    assert (await shown(tenant, source))["problem"]["code"] == "source_answer"


async def test_a_file_without_an_etag_cannot_be_watched(tenant: Tenant, client: Stub) -> None:
    source = await made_source(tenant, "https://files.example/badge/model.safetensors")
    client.answer("GET", "/badge/model.safetensors", b"")
    await round_of(client)
    assert (await shown(tenant, source))["problem"]["code"] == "source_no_etag"


async def test_a_rejected_release_leaves_nothing_and_is_tried_again(
    tenant: Tenant, client: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await made_source(tenant, "models:/badge@candidate")
    monkeypatch.setenv("EXHUME_MAX_OPEN_UPLOADS", "1")
    settings.cache_clear()
    other = await created(tenant.client, f"/targets/{source['target_id']}/releases", seeds.RELEASE)
    address = {"address": "models:/other/1/model.safetensors"}
    await created(tenant.client, f"/releases/{other['id']}/imports", address)
    await round_of(client)
    after = await shown(tenant, source)
    assert (after["seen"], after["problem"]["code"]) == (None, "too_many_uploads")
    with sync_session() as session:
        assert len(session.scalars(select(Release)).all()) == 1
    monkeypatch.delenv("EXHUME_MAX_OPEN_UPLOADS")
    settings.cache_clear()
    check_again()
    await round_of(client)
    assert len(await changes_of(tenant, source)) == 1


async def test_a_file_that_was_rejected_ends_the_change_and_can_be_fetched_again(tenant: Tenant, client: Stub) -> None:
    source = await made_source(tenant, "models:/badge@candidate")
    await round_of(client)
    with sync_session() as session:
        session.execute(update(Upload).values(state=UploadState.REFUSED, problem={**PROBLEM}, object_key=None))
    check_again()
    await round_of(client)
    [change] = await changes_of(tenant, source)
    assert (change["problem"]["code"], change["next_at"]) == ("import_not_found", None)
    await tenant.client.post(f"/api/v1/sources/{source['id']}/check")
    await round_of(client)
    [again] = await changes_of(tenant, source)
    assert (again["id"], again["problem"]) == (change["id"], None)
    release = (await tenant.client.get(f"/api/v1/releases/{again['release_id']}")).json()
    assert release["version"] == "7-2"


PROBLEM = {
    **{"type": "/problems/import_not_found", "title": "x", "status": 404, "code": "import_not_found"},
    **{"detail": "mlflow.example has no such file (404).", "errors": []},
}


def finish(verdict: str) -> None:
    with sync_session() as session:
        audit = session.scalars(select(Audit)).one()
        audit.state, audit.verdict, audit.risk = AuditState.SUCCEEDED, verdict, 0.31
        audit.finished_at, audit.result = datetime.now(UTC), RESULT


async def scheduled_source(tenant: Tenant, **changes: Any) -> dict[str, Any]:
    """Create a source that starts a schedule's audit."""
    body = await request_of(tenant)
    schedule = await created(tenant.client, f"/projects/{tenant.project_id}/schedules", body)
    ours = {"target_id": schedule["target_id"], "schedule_id": schedule["id"]}
    return await made_source(tenant, "models:/badge@candidate", **ours, **changes)


async def ready(tenant: Tenant, source: dict[str, Any], client: Stub) -> dict[str, Any]:
    """Accept the file of the newest change, as the intake does, and go on."""
    [change] = await changes_of(tenant, source)
    with sync_session() as session:
        session.execute(update(Upload).values(state=UploadState.COMPLETE, object_key=None))
        release = session.get_one(Release, seeds.uuid_of(change["release_id"]))
        release.state, release.sha256 = IntakeState.READY, "d" * 64
    check_again()
    await round_of(client)
    return (await changes_of(tenant, source))[0]


@pytest.mark.parametrize("verdict", ["PASS", "FAIL"])
async def test_the_audit_is_started_and_written_back(
    tenant: Tenant, client: Stub, monkeypatch: pytest.MonkeyPatch, verdict: str
) -> None:
    monkeypatch.setenv("EXHUME_PUBLIC_URL", "https://exhume.example/")
    settings.cache_clear()
    client.answer("POST", f"{API}/model-versions/set-tag")
    client.answer("POST", f"{API}/registered-models/alias")
    source = await scheduled_source(tenant, write_back=True, pass_alias="audited")
    await round_of(client)
    change = await ready(tenant, source, client)
    [run] = runs()
    assert (run.trigger, run.state) == ("source", "due")
    await start_all(datetime.now(UTC))
    [run] = runs()
    assert run.state == "started"
    assert seeds.uuid_of(change["release_id"]) == run.release_id
    finish(verdict)
    client.asked.clear()
    with out_of_order(client, 503):
        check_again()
        await round_of(client)
    [failed] = await changes_of(tenant, source)
    assert (failed["problem"]["code"], failed["written_at"]) == ("source_unavailable", None)
    client.asked.clear()
    check_again()
    await round_of(client)
    sent = [(path.rpartition("/")[2], body) for method, path, _, body in client.asked if method == "POST"]
    audit = f"aud_{run.audit_id.hex}" if run.audit_id else ""
    version = {"name": "badge", "version": "7"}
    assert sent[:4] == [
        ("set-tag", version | {"key": "exhume.verdict", "value": verdict}),
        ("set-tag", version | {"key": "exhume.risk", "value": "0.3100"}),
        ("set-tag", version | {"key": "exhume.audit_url", "value": f"https://exhume.example/audits/{audit}"}),
        ("set-tag", version | {"key": "exhume.digest", "value": "sha256:" + "d" * 64}),
    ]
    assert sent[4:] == ([("alias", version | {"alias": "audited"})] if verdict == "PASS" else [])
    [written] = await changes_of(tenant, source)
    assert (written["audit_id"], written["next_at"], written["problem"]) == (audit, None, None)


async def test_a_new_release_waits_for_a_running_audit(tenant: Tenant, client: Stub) -> None:
    source = await scheduled_source(tenant)
    await tenant.client.post(f"/api/v1/schedules/{source['schedule_id']}/runs")
    await start_all(datetime.now(UTC))
    await round_of(client)
    await ready(tenant, source, client)
    await start_all(datetime.now(UTC))
    with sync_session() as session:
        by_source = select(ScheduleRun).where(ScheduleRun.trigger == "source")
        waiting = session.scalars(by_source).one()
    assert waiting.state == "due"
    assert waiting.due_at > datetime.now(UTC)


REJECTED: list[tuple[dict[str, Any], int, str]] = [
    ({"address": "models:/badge/7"}, 422, "source_address"),
    ({"address": "ftp://files.example/x"}, 422, "source_address"),
    ({"address": "hf://acme/badge/model.safetensors"}, 422, "source_address"),
    ({"address": "https://files.example/badge/model.bin"}, 422, "source_address"),
    ({"address": "https://elsewhere.example/badge/model.safetensors"}, 403, "import_host"),
    ({"address": "s3://others/badge/"}, 403, "import_host"),
    ({"address": "s3://models/badge/", "write_back": True}, 422, "invalid_request"),
    ({"release": RELEASE | {"sha256": "0" * 64}}, 422, "invalid_request"),
    ({"release": RELEASE | {"architecture": "timm/nothing"}}, 422, "unknown_architecture"),
    ({"check_seconds": 5}, 422, "invalid_request"),
]


async def test_what_could_never_be_fetched_is_rejected(tenant: Tenant) -> None:
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    body = {"name": "r", "target_id": target["id"], "address": "models:/badge", "release": RELEASE}
    for change, status, code in REJECTED:
        path = f"/api/v1/projects/{tenant.project_id}/sources"
        problem(await tenant.client.post(path, json=body | change), status, code)


async def test_a_source_is_changed_and_deleted_by_its_owner_only(tenant: Tenant, stranger: Tenant) -> None:
    source = await made_source(tenant, "models:/badge@candidate")
    path = f"/api/v1/sources/{source['id']}"
    for answer in (
        await stranger.client.get(path),
        await stranger.client.patch(path, json={"active": False}),
        await stranger.client.post(f"{path}/check"),
        await stranger.client.get(f"{path}/changes"),
        await stranger.client.delete(path),
    ):
        problem(answer, 404, "no_such_source")
    changed = (await tenant.client.patch(path, json={"active": False, "check_seconds": 900})).json()
    assert (changed["active"], changed["check_seconds"]) == (False, 900)
    assert await round_of(Stub()) == 0
    assert (await tenant.client.delete(path)).status_code == 204
    problem(await tenant.client.get(path), 404, "no_such_source")
