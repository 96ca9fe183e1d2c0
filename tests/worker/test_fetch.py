"""The fetch job: a file is passed to intake in one transaction, or rejected with a reason."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.auth import audit_log
from app.db.models import AuditLogEntry, Job, Release, Upload, Verifier
from app.db.session import sync_session
from app.db.states import UploadState
from app.formats.limits import VERIFIER
from app.jobs import intake
from app.jobs.stages import Stage
from app.settings import settings
from app.storage.store import store
from app.uploads import holding
from tests.sealed import quarantined
from tests.unit.imports.servers import Handler, Server, file, serving
from tests.worker.rows import get_job, make_project, make_release
from worker.runtime.run import run_claimed
from worker.stages import fetch

COMMIT = "491b427b45c94c7fb0e78b5474cc919aff584bbf"
PATH = f"/owner/name/resolve/{COMMIT}/model.safetensors"
BODY = (2).to_bytes(8, "little") + b"{}" + bytes(1_000_000)
ONNX = b"\x08\x08\x12\x07pytorch" + bytes(1000)
SHA = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def hub(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Serve a hub on a loopback address, which is allowed."""
    with serving() as server:
        monkeypatch.setenv("EXHUME_IMPORT_HUB_URL", f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("EXHUME_IMPORT_HOSTS", f'["127.0.0.1:{server.port}"]')
        monkeypatch.setenv("EXHUME_IMPORT_NETWORKS", '["127.0.0.0/8"]')
        settings.cache_clear()
        server.answers[PATH] = file(BODY, X_Repo_Commit=COMMIT)
        yield server


def begun(**values: Any) -> tuple[UUID, UUID]:
    """Add a release that awaits its file, an import of it, and the job."""
    with sync_session() as session:
        release = make_release(session, make_project(session), state="awaiting_upload")
        defaults: dict[str, Any] = {
            "project_id": release.project_id,
            "release_id": release.id,
            "requested_by": "dana",
            "address": f"hf://owner/name@{COMMIT}/model.safetensors",
            "length": 0,
            "expires_at": holding.expiry(),
        }
        upload = Upload(**(defaults | values))
        session.add(upload)
        session.flush()
        return upload.id, intake.add_job(session, release.project_id, Stage.FETCH, upload.id)


def ended(ids: tuple[UUID, UUID]) -> tuple[Upload, Release]:
    """Run the job and return the import afterwards."""
    upload_id, job_id = ids
    run_claimed(job_id)
    assert get_job(job_id).state == "succeeded", get_job(job_id).problem
    with sync_session() as session:
        upload = session.get_one(Upload, upload_id)
        assert upload.release_id is not None
        return upload, session.get_one(Release, upload.release_id)


def stored() -> list[Path]:
    folder = store().folder
    assert folder is not None
    return list((folder / "quarantine").glob("*"))


@pytest.mark.usefixtures("hub")
def test_what_arrives_is_handed_to_the_intake() -> None:
    upload, release = ended(begun(sha256=SHA))
    assert (upload.state, upload.received, upload.length, upload.object_key) == ("complete", len(BODY), len(BODY), None)
    assert (release.state, release.sha256, release.size_bytes) == ("checking", SHA, len(BODY))
    (kept,) = stored()
    assert quarantined(f"quarantine/{kept.name}") == BODY
    assert release.object_key == f"quarantine/{kept.name}"
    with sync_session() as session:
        job = session.scalars(select(Job).where(Job.stage == "intake_release")).one()
        assert (job.subject_id, job.published_at is not None) == (release.id, True)
        entry = session.scalars(select(AuditLogEntry)).one()
        assert (entry.actor, entry.action, entry.details["sha256"]) == ("dana", "release.imported", SHA)
        assert audit_log.follows(entry, bytes(32))


def begun_for_verifier(**values: Any) -> tuple[UUID, UUID]:
    with sync_session() as session:
        verifier = Verifier(project_id=make_project(session).id, name="v", convention={})
        session.add(verifier)
        session.flush()
        more = {"release_id": None, "verifier_id": verifier.id, "address": f"hf://owner/name@{COMMIT}/v.onnx"}
    return begun(project_id=verifier.project_id, **(more | values))


def ended_for_verifier(ids: tuple[UUID, UUID]) -> tuple[Upload, Verifier]:
    run_claimed(ids[1])
    with sync_session() as session:
        upload = session.get_one(Upload, ids[0])
        return upload, session.get_one(Verifier, upload.verifier_id)


def test_a_verifier_is_fetched_likewise(hub: Server) -> None:
    hub.answers[PATH.replace("model.safetensors", "v.onnx")] = file(ONNX, X_Repo_Commit=COMMIT)
    upload, verifier = ended_for_verifier(begun_for_verifier())
    assert (upload.state, upload.received, verifier.state) == ("complete", len(ONNX), "checking")
    (kept,) = stored()
    assert quarantined(f"quarantine/{kept.name}") == ONNX
    with sync_session() as session:
        job = session.scalars(select(Job).where(Job.stage == "intake_verifier")).one()
        assert (job.subject_id, job.published_at is not None) == (verifier.id, True)
        entry = session.scalars(select(AuditLogEntry)).one()
        assert (entry.action, entry.subject) == ("verifier.imported", f"ver_{verifier.id.hex}")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (file(BODY), "import_file_type"),
        (file(b"<html>sign in</html>"), "import_file_type"),
        (file(ONNX, Content_Length=str(VERIFIER.file_bytes + 1)), "too_large"),
    ],
)
def test_of_what_is_not_a_verifier_nothing_is_kept(hub: Server, answer: Any, code: str) -> None:
    hub.answers[PATH.replace("model.safetensors", "v.onnx")] = answer
    upload, verifier = ended_for_verifier(begun_for_verifier())
    assert (upload.state, (upload.problem or {}).get("code")) == ("refused", code)
    assert (verifier.state, stored()) == ("awaiting_upload", [])


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"sha256": "00" * 32}, "digest_mismatch"),
        ({"max_checkpoint_bytes": "1000"}, "too_large"),
        ({"max_project_bytes": "1000"}, "quota_exceeded"),
        ({"import_hosts": "[]"}, "import_off"),
        ({"import_networks": "[]"}, "import_network"),
        ({"answer": file(b"<html>sign in</html>")}, "import_file_type"),
        ({"answer": file(BODY, X_Linked_Etag="00" * 32)}, "digest_mismatch"),
        ({"answer": file(BODY, status=404)}, "import_not_found"),
    ],
)
def test_what_is_rejected_leaves_a_reason_and_nothing_else(
    hub: Server, what: dict[str, Any], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "answer" in what:
        hub.answers[PATH] = what["answer"]
    for name in set(what) - {"answer", "sha256"}:
        monkeypatch.setenv(f"EXHUME_{name.upper()}", what[name])
    settings.cache_clear()
    upload, release = ended(begun(sha256=what.get("sha256")))
    assert (upload.state, (upload.problem or {}).get("code"), upload.object_key) == ("refused", code, None)
    assert (release.state, release.object_key) == ("awaiting_upload", None)
    assert stored() == []


def test_without_an_announced_size_the_limit_holds_while_it_comes(hub: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(request: Handler) -> None:
        request.send_response(200)
        request.send_header("Connection", "close")
        request.end_headers()
        request.close_connection = True
        request.wfile.write(BODY)

    hub.answers[PATH] = endless
    monkeypatch.setenv("EXHUME_MAX_CHECKPOINT_BYTES", "500000")
    settings.cache_clear()
    upload, _ = ended(begun())
    assert (upload.problem or {}).get("code") == "too_large"
    assert stored() == []


def test_a_busy_server_is_asked_three_times(hub: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "PAUSES", (0.0, 0.0))
    hub.answers[PATH] = file(status=503)
    upload, _ = ended(begun())
    assert (upload.problem or {}).get("code") == "import_unreachable"
    assert len(hub.asked) == 3


def test_a_server_that_drips_is_left_when_the_time_is_over(hub: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def stall(request: Handler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000000")
        request.end_headers()
        request.wfile.write(BODY[:1000])
        request.wfile.flush()
        request.rfile.read(1)  # until the client disconnects

    hub.answers[PATH] = stall
    monkeypatch.setenv("EXHUME_IMPORT_SECONDS", "0.5")
    settings.cache_clear()
    upload, _ = ended(begun())
    assert (upload.problem or {}).get("code") == "import_too_slow"
    assert stored() == []


def test_an_import_that_was_ended_meanwhile_is_dropped(hub: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = begun()

    def end_it(request: Handler) -> None:
        with sync_session() as session:
            session.get_one(Upload, ids[0]).state = UploadState.TERMINATED
        request.say(200, BODY)

    hub.answers[PATH] = end_it
    upload, release = ended(ids)
    assert (upload.state, release.state) == ("terminated", "awaiting_upload")
    assert stored() == []


def test_an_upload_that_was_faster_wins(hub: Server) -> None:
    ids = begun()

    def overtake(request: Handler) -> None:
        with sync_session() as session:
            upload = session.get_one(Upload, ids[0])
            session.get_one(Release, upload.release_id).state = "checking"  # type: ignore[assignment]
        request.say(200, BODY)

    hub.answers[PATH] = overtake
    upload, _ = ended(ids)
    assert (upload.state, (upload.problem or {}).get("code")) == ("refused", "not_awaiting_upload")
    assert stored() == []
