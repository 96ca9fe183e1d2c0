"""The API in a separate process: memory, streaming over a socket, and a quick shutdown."""

import compileall
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func
from tusclient.client import TusClient

import app
from app.auth.bootstrap import create_admin_key, default_organisation
from app.db.models import Audit, Dataset, Project, Release, Target
from app.db.session import sync_session
from app.jobs.events import record
from exhume import Client, sha256_of
from tests.worker.rows import PLAN

START_SECONDS = 90
LARGEST_MIB = 150
UPLOAD_MIB = 64


@pytest.fixture
def server(settings_env: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"EXHUME_PORT": str(port)}
    # a process that compiles code needs more memory, once
    compileall.compile_dir(Path(app.__file__).parent, quiet=1)
    program = [sys.executable, "-m", "app.cli.processes.api"]
    with subprocess.Popen(program, env=environment, cwd=Path(__file__).parents[2]) as process:
        url = f"http://127.0.0.1:{port}"
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and process.poll() is None:
            try:
                if httpx.get(f"{url}/readyz", trust_env=False, timeout=10).is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield process, url
        if process.poll() is None:
            process.kill()


def megabytes(process: subprocess.Popen[bytes], field: str = "VmRSS") -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(rf"{field}:\s+(\d+) kB", status)
    assert found
    return int(found[1]) // 1024


def running_audit() -> Audit:
    """Create an audit with one event, without an API."""
    with sync_session() as session:
        project = Project(organisation_id=default_organisation(session), name="p")
        session.add(project)
        session.flush()
        target = Target(project_id=project.id, name="t")
        dataset = Dataset(project_id=project.id, name="d", role="public")
        session.add_all([target, dataset])
        session.flush()
        release = Release(
            project_id=project.id,
            target_id=target.id,
            version="1",
            architecture="exhume/small-cnn",
            hyperparameters={},
            convention={"height": 32, "width": 32, "channels": 1},
            classes=["a", "b"],
        )
        session.add(release)
        session.flush()
        audit = Audit(
            project_id=project.id,
            release_id=release.id,
            public_dataset_id=dataset.id,
            plan=PLAN,
            plan_digest="sha256:0",
            declared_by="x",
            declaration="x",
            requested_by="x",
            estimate={},
            delete_images_at=func.now(),
        )
        session.add(audit)
        session.flush()
        record(session, audit.id, "audit", {"state": "queued"})
        session.refresh(audit)
        return audit


def test_an_upload_is_never_in_memory_and_a_stream_ends_with_the_server(
    server: tuple[subprocess.Popen[bytes], str],
) -> None:
    process, url = server
    audit = running_audit()
    with sync_session() as session:
        key = create_admin_key(session, "tests")
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=f"{url}/api/v1", headers=headers, trust_env=False, timeout=60) as client:
        release = f"/releases/rel_{audit.release_id.hex}/file"
        before = megabytes(process)
        sent = client.put(release, content=(os.urandom(2**20) for _ in range(UPLOAD_MIB)))
        assert sent.status_code == 202, sent.text
        assert megabytes(process, "VmHWM") - before < UPLOAD_MIB / 2
        # the queue's client and a thread pool are loaded by then
        assert megabytes(process) < LARGEST_MIB + 30

        with client.stream("GET", f"/audits/aud_{audit.id.hex}/events") as stream:
            lines = stream.iter_lines()
            assert next(line for line in lines if line.startswith("id:")) == "id: 1"
            with sync_session() as session:
                record(session, audit.id, "progress", {"stage": "attack", "done": 1, "total": 2})
            assert next(line for line in lines if line.startswith("id:")) == "id: 2"
            process.send_signal(signal.SIGTERM)
            assert not any(line.startswith("id:") for line in lines)
        process.wait(10)


def test_ordinary_tus_clients_and_our_own_get_a_file_through(
    server: tuple[subprocess.Popen[bytes], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    process, url = server
    release = f"/releases/rel_{running_audit().release_id.hex}"
    with sync_session() as session:
        key = create_admin_key(session, "tests")
    file = tmp_path / "model.safetensors"
    file.write_bytes(os.urandom(UPLOAD_MIB * 2**20))
    digest = sha256_of(file)
    theirs = TusClient(f"{url}/api/v1{release}/uploads", headers={"Authorization": f"Bearer {key}"})
    options = {"chunk_size": 10 * 2**20, "metadata": {"sha256": digest}, "upload_checksum": True}
    with file.open("rb") as stream:
        first = theirs.uploader(file_stream=stream, **options)
        first.upload(stop_at=15 * 2**20)
        assert theirs.uploader(file_stream=stream, url=first.url, **options).offset == first.offset >= 15 * 2**20
    with Client(url, key) as ours:  # continues where the other client stopped
        before = megabytes(process)
        ours.send_file(release, file, sha256=digest)
        found = ours.get(release)
        assert (found["state"], found["sha256"]) == ("checking", digest)
        (upload,) = ours.items(f"/projects/{found['project_id']}/uploads")
        assert (upload["state"], first.url.endswith(upload["id"])) == ("complete", True)
    assert megabytes(process, "VmHWM") - before < UPLOAD_MIB / 2
