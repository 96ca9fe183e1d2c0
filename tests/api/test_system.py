"""Health, the installation, the dashboard's files and the OpenAPI document."""

import asyncio
import json
import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import func, text

from app.cli.processes import api
from app.db.models import Job, WorkerNode
from app.db.session import sync_session
from app.kit.body_limit import is_file
from app.kit.ids import parse_id
from app.kit.root_secret import BadSecretError, root_secret
from app.kit.shutdown import signalled
from app.openapi import OPEN, document
from app.settings import settings
from app.system import dashboard
from tests.api.conftest import Tenant, problem

REPOSITORY = Path(__file__).parents[2]
NAVIGATION = {"Accept": "text/html,*/*", "Sec-Fetch-Mode": "navigate"}


async def test_livez_touches_nothing(settings_env: dict[str, str], anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/livez")).json() == {"status": "alive", "checks": {}, "sandbox": None}


async def test_readyz_checks_everything(anonymous: httpx.AsyncClient) -> None:
    checks = {"database": "ok", "migrations": "ok", "broker": "ok", "store": "ok"}
    assert (await anonymous.get("/readyz")).json() == {"status": "ready", "checks": checks, "sandbox": None}
    with sync_session() as session:
        session.add(WorkerNode(name="w1", hardware={"sandbox": {"name": "full"}}))
    assert (await anonymous.get("/readyz")).json()["sandbox"] == "full"


async def test_readyz_names_what_is_missing(anonymous: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "redis_url", "redis://127.0.0.1:1/0")
    with sync_session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        session.execute(text("DROP FUNCTION bind_tenant"))  # which that schema does not have
    body = problem(await anonymous.get("/readyz"), 503, "not_ready")
    assert {fault["check"] for fault in body["errors"]} == {"broker", "migrations"}
    assert "exhume migrate" in str(body["errors"])


async def test_a_tenant_counts_its_own_jobs_only(tenant: Tenant, stranger: Tenant, admin: httpx.AsyncClient) -> None:
    with sync_session() as session:
        for one, stages in ((tenant, ("a",)), (stranger, ("b", "c"))):
            owner = parse_id("prj", one.project_id)
            session.add_all(
                Job(project_id=owner, subject_id=owner, stage=stage, state="queued", max_attempts=1) for stage in stages
            )
    counts = [(await one.get("/api/v1/system")).json()["queue"] for one in (tenant.client, stranger.client, admin)]
    assert counts == [{"queued": 1}, {"queued": 2}, {"queued": 3}]


@pytest.mark.parametrize(
    ("trusted", "forwarded", "seen"),
    [
        ("[]", ["203.0.113.9"], "127.0.0.1"),
        ('["10.0.0.0/8"]', ["203.0.113.9"], "127.0.0.1"),
        ('["127.0.0.0/8"]', ["203.0.113.9"], "203.0.113.9"),
        ('["127.0.0.0/8"]', ["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
        ('["127.0.0.0/8", "10.0.0.0/8"]', ["198.51.100.7, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ('["127.0.0.0/8", "10.0.0.0/8"]', ["198.51.100.7", "203.0.113.9", "10.0.0.2"], "203.0.113.9"),
    ],
)
async def test_forwarded_addresses_count_from_trusted_proxies_only(
    trusted: str, forwarded: list[str], seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a client sends in front of its address does not count, however many proxies."""
    monkeypatch.setenv("EXHUME_TRUSTED_PROXIES", trusted)
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    settings.cache_clear()
    configs: list[uvicorn.Config] = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: configs.append(uvicorn.Config(app, **options)))
    api.main()
    addresses: list[object] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        addresses.append(scope["client"][0])

    (config,) = configs
    config.app, config.factory, config.log_config = application, False, None
    config.load()
    headers = [(b"x-forwarded-for", addresses.encode()) for addresses in forwarded]
    scope = {"type": "http", "client": ("127.0.0.1", 1), "headers": headers}
    await config.loaded_app(scope, None, None)
    assert addresses == [seen]


async def test_system_shows_workers_and_queue(admin: httpx.AsyncClient) -> None:
    with sync_session() as session:
        session.add(WorkerNode(name="w1", hardware={"device": "cpu"}))
        session.add(
            WorkerNode(name="w0", hardware={"queues": ["exhume-checks"]}, seen_at=func.now() - timedelta(hours=1))
        )
    body = (await admin.get("/api/v1/system")).json()
    assert [worker["takes"] for worker in body["workers"]] == [["audits", "checks"], ["checks"]]
    assert body["versions"]["postgresql"].startswith("18")
    assert [(worker["name"], worker["alive"]) for worker in body["workers"]] == [("w1", True), ("w0", False)]
    assert body["queue"] == {}
    assert body["storage"]["kind"] == "folder"
    assert body["storage"]["free_bytes"] > 0


async def test_system_shows_what_the_gpu_of_a_worker_does(admin: httpx.AsyncClient) -> None:
    gpus = [{"uuid": "GPU-bb", "utilisation": 0.1}, {"index": 0, "uuid": "GPU-aa", "utilisation": 0.7}]
    with sync_session() as session:
        for name, uuid in (("w1", "GPU-aa"), ("w2", "GPU-zz"), ("w3", None)):
            device = {"kind": "cuda", "name": "NVIDIA H100", "uuid": uuid}
            session.add(WorkerNode(name=name, device=device, hardware={"gpus": gpus}))
        session.add(WorkerNode(name="w4", hardware={"gpus": gpus}))
    body = (await admin.get("/api/v1/system")).json()
    found = {worker["name"]: worker["use"] for worker in body["workers"]}
    none = dict.fromkeys(("memory_used_bytes", "memory_bytes", "temperature"))
    assert found == {"w1": none | {"utilisation": 0.7}, "w2": None, "w3": None, "w4": None}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Exhume</title>")
    (folder / "assets" / "main-abc.js").write_text("1")
    (folder / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("outside")
    monkeypatch.setattr(dashboard, "STATIC", folder)
    return folder


async def test_the_dashboard_is_served(anonymous: httpx.AsyncClient, built: Path) -> None:
    for path in ("/", "/audits/aud_1", "/sign-in"):
        page = await anonymous.get(path, headers=NAVIGATION)
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-cache"
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    asset = await anonymous.get("/assets/main-abc.js")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await anonymous.get("/icon.svg")).headers["cache-control"] == "no-cache"
    problem(await anonymous.get("/assets/old-123.js", headers=NAVIGATION), 404, "no_such_address")
    problem(await anonymous.get("/data.json", headers={"Accept": "application/json"}), 404, "no_such_address")
    problem(await anonymous.get("/api/v1/nothing", headers=NAVIGATION), 404, "no_such_address")


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/%00"])
async def test_nothing_outside_is_served(anonymous: httpx.AsyncClient, built: Path, path: str) -> None:
    answer = await anonymous.get(path)
    assert answer.status_code == 404
    assert "outside" not in answer.text


async def test_without_a_build_a_page_says_how(
    anonymous: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "STATIC", tmp_path / "none")
    page = await anonymous.get("/", headers=NAVIGATION)
    assert page.status_code == 503
    assert "make build" in page.text


def test_the_committed_openapi_document_is_current() -> None:
    committed = json.loads((REPOSITORY / "openapi.json").read_text())
    assert committed == document(), "run `python -m app.openapi` and commit openapi.json"


async def test_the_committed_document_is_what_clients_get(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/api/v1/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads((REPOSITORY / "openapi.json").read_text())


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, op) for path, methods in document()["paths"].items() for method, op in methods.items()]


def test_every_operation_is_named_and_documents_its_problems() -> None:
    found = operations()
    responses = document()["components"]["responses"]
    assert len(found) > 35
    names = [operation["operationId"] for _, _, operation in found]
    assert len(set(names)) == len(names)
    for path, method, operation in found:
        where = f"{method} {path}"
        assert operation["operationId"].startswith(operation["tags"][0] + "-"), where
        assert operation.get("description"), where
        if operation["operationId"] not in OPEN:
            assert "401" in operation["responses"], where
        if "{" in path:
            assert "404" in operation["responses"], where
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                shared = responses[response["$ref"].removeprefix("#/components/responses/")]
                schema = shared["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, where


def test_only_files_are_raw_and_have_no_limit_of_a_body() -> None:
    raw = {"application/octet-stream", "application/offset+octet-stream"}
    found = {
        (method, path): list(operation["requestBody"]["content"])
        for path, method, operation in operations()
        if "requestBody" in operation
    }
    files = {key for key, kinds in found.items() if set(kinds) & raw}
    assert {path for method, path in files if method == "put"} == {
        f"/api/v1/{noun}s/{{{noun}_id}}/file" for noun in ("release", "dataset", "verifier")
    }
    for method, path in found:
        scope = {"method": method.upper(), "path": path}
        assert is_file(scope) == ((method, path) in files), f"{method} {path}"


def test_the_root_secret_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXHUME_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("EXHUME_SECRET_KEY", raising=False)
    settings.cache_clear()
    try:
        first = root_secret()
        assert root_secret() == first
        file = tmp_path / "data" / "secret.key"
        assert file.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in file.parent.iterdir()] == ["secret.key"]
        monkeypatch.setenv("EXHUME_SECRET_KEY", "abc")
        settings.cache_clear()
        with pytest.raises(BadSecretError, match="openssl rand -hex 32"):
            root_secret()
    finally:
        settings.cache_clear()


async def test_a_signal_tells_the_streams_and_whoever_listened_before() -> None:
    signals: list[int] = []
    stopping = asyncio.Event()
    earlier = signal.signal(signal.SIGTERM, lambda number, _: signals.append(number))
    try:
        with signalled(stopping):
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(2):
                await stopping.wait()
        assert signals == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is not earlier
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals == [signal.SIGTERM] * 2
    finally:
        signal.signal(signal.SIGTERM, earlier)
