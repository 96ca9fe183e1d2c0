"""`exhume doctor` finds each problem and says how to fix it."""

import json
import os
import shutil
import socket
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from sqlalchemy import text
from typer.testing import CliRunner

from app.backups.errors import BackupError
from app.cli.health import machine, operations, services
from app.cli.health.finding import Finding, Level
from app.cli.root import app
from app.contract.device import Device
from app.db.locks import SCHEDULER_LOCK
from app.db.models import ProjectKey, WorkerNode
from app.db.session import sync_session
from app.embedded import EmbeddedServerError
from app.observability.candidates import candidates
from app.observability.gpus import Gpu
from app.observability.torch_build import TorchBuild
from app.settings import Settings, settings
from tests.embedded_servers import TestServers
from tests.worker.rows import make_project

Usage = namedtuple("Usage", "total used free")
GPU = Gpu(0, "GPU-aa", "NVIDIA H100", 80 * 2**30, (9, 0), "570.10", (12, 8))


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> Settings:
    """Settings of a machine on which nothing was ever started."""
    for name in list(os.environ):
        if name.startswith("EXHUME_") or name in {"DATABASE_URL", "REDIS_URL"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("EXHUME_DATA_DIR", str(data_dir))
    monkeypatch.setenv("EXHUME_PORT", "0")
    settings.cache_clear()
    return settings()


def test_a_fresh_machine_is_fine_and_says_what_is_not_known_yet(clean: Settings) -> None:
    done = CliRunner().invoke(app, ["doctor", "--json"])
    findings = {finding["subject"]: finding["level"] for finding in json.loads(done.stdout)}
    assert done.exit_code == 0, done.stdout
    assert findings.pop("dashboard") in {"ok", "warn"}
    assert {findings.pop("disk"), findings.pop("scratch"), findings.pop("reports")} <= {"ok", "warn"}
    assert findings.pop("gpu") in {"ok", "warn"}
    assert findings.pop("database") == findings.pop("broker") == "idle"
    assert set(findings.values()) == {"ok"}
    expected = {"python", "settings", "binaries", "data folder", "socket path", "port", "object store", "imports"}
    expected |= {"processor", "secrets", "backups", "metrics", "traces", "store access"}
    assert expected == set(findings)


def test_the_environment_of_a_running_service_is_fine(settings_env: dict[str, str]) -> None:
    with sync_session() as session:
        session.execute(text("INSERT INTO worker_node (name) VALUES ('w1')"))
    with sync_session() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEDULER_LOCK})
        levels = {found.subject: found.level for found in services.database(settings_env["DATABASE_URL"])}
    expected = {"database", "migrations", "tenants", "worker", "scheduler", "keys"}
    assert levels == dict.fromkeys(expected, Level.OK)
    assert services.broker(settings_env["REDIS_URL"]).level == Level.OK
    assert services.store(settings()).level == Level.OK


def test_a_login_that_no_policy_binds_is_found(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BYPASSES", "SELECT true")
    found = {one.subject: one for one in services.database(settings_env["DATABASE_URL"])}["tenants"]
    assert (found.level, found.fix) == (Level.FAIL, "run `exhume migrate`")


def test_invalid_settings_are_named_as_variables(clean: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXHUME_PORT", "eighty")
    settings.cache_clear()
    done = CliRunner().invoke(app, ["doctor"])
    settings.cache_clear()
    assert done.exit_code == 1
    assert "EXHUME_PORT" in done.stdout
    assert "-> correct or unset EXHUME_PORT" in done.stdout


def test_a_misspelt_variable_is_noticed(clean: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXHUME_DATADIR", "/elsewhere")
    found = machine.variables()
    assert (found.level, "EXHUME_DATADIR" in found.found) == (Level.WARN, True)


def test_a_precision_that_the_processor_lacks_is_noticed(clean: Settings) -> None:
    bf16 = Settings(attack_precision="bf16")
    assert machine.processor(clean, frozenset({"avx2"})).level == Level.OK
    assert "EXHUME_ATTACK_PRECISION=bf16" in machine.processor(clean, frozenset({"amx_bf16"})).found
    assert machine.processor(bf16, frozenset({"avx2"})).level == Level.WARN
    assert machine.processor(bf16, frozenset({"avx512_bf16"})).level == Level.OK
    assert machine.processor(bf16, frozenset()).level == Level.OK  # a kernel that lists no flags


def test_missing_binaries_are_reported_unless_servers_are_given(
    clean: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise EmbeddedServerError("reinstall `exhume`")

    monkeypatch.setattr(machine, "find_binaries", missing)
    assert machine.binaries(clean).level == Level.FAIL
    assert machine.binaries(clean).fix == "reinstall `exhume`"
    given = clean.model_copy(update={"database_url": "postgresql://db/x", "redis_url": "redis://broker"})
    assert machine.binaries(given).level == Level.OK


def test_a_data_folder_that_is_a_file_is_reported(clean: Settings, data_dir: Path) -> None:
    (data_dir / "file").write_text("")
    found = machine.data_folder(clean.model_copy(update={"data_dir": data_dir / "file"}))
    assert found.level == Level.FAIL
    assert "EXHUME_DATA_DIR" in found.fix


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")
def test_a_data_folder_below_a_closed_one_is_reported(clean: Settings, data_dir: Path) -> None:
    data_dir.chmod(0o700)
    found = machine.data_folder(clean.model_copy(update={"data_dir": data_dir / "inside"}))
    assert found.level == Level.FAIL
    assert f"may not enter {data_dir}" in found.found


@pytest.mark.parametrize(("free", "level"), [(2**29, Level.FAIL), (2**31, Level.WARN), (2**40, Level.OK)])
def test_disk_space_is_judged(clean: Settings, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(2**41, 2**41 - free, free))
    assert machine.disk(clean).level == level


def test_a_port_in_use_is_reported(clean: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        found = machine.port(clean.model_copy(update={"port": other.getsockname()[1]}))
    assert found.level == Level.FAIL
    assert "EXHUME_PORT" in found.fix


def test_a_missing_dashboard_is_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("app.__file__", str(tmp_path / "__init__.py"))
    assert machine.dashboard().level == Level.WARN
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "index.html").write_text("<!doctype html>")
    assert machine.dashboard().level == Level.OK


def test_a_long_path_tells_where_the_sockets_go(clean: Settings, data_dir: Path) -> None:
    found = machine.socket_path(clean.model_copy(update={"data_dir": data_dir / ("d" * 100)}))
    assert found.level == Level.OK
    assert "too long" in found.found


def test_an_unreachable_database_is_reported() -> None:
    (found,) = services.database("postgresql://someone@127.0.0.1:9/none")
    assert found.level == Level.FAIL
    assert "DATABASE_URL" in found.fix


def test_another_kind_of_database_is_reported() -> None:
    (found,) = services.database("mysql://db/exhume")
    assert found.level == Level.FAIL
    assert "postgresql://" in found.fix


def test_missing_migrations_are_reported(servers: TestServers) -> None:
    with servers.databases.empty() as url:
        by_subject = {found.subject: found for found in services.database(url)}
    assert by_subject["migrations"].level == Level.FAIL
    assert "exhume migrate" in by_subject["migrations"].fix
    assert "worker" not in by_subject


def about(subject: str, environment: dict[str, str]) -> Finding:
    """Return what is found about one part of the database."""
    return next(one for one in services.database(environment["DATABASE_URL"]) if one.subject == subject)


def test_no_worker_is_a_warning(settings_env: dict[str, str]) -> None:
    with sync_session() as session:
        session.execute(text("INSERT INTO worker_node (name, seen_at) VALUES ('old', now() - interval '1 hour')"))
    worker = about("worker", settings_env)
    assert (worker.subject, worker.level) == ("worker", Level.WARN)
    assert "exhume worker" in worker.fix


@pytest.mark.parametrize(("kept", "level"), [(True, Level.OK), (False, Level.WARN)])
def test_a_worker_s_sandbox_is_judged(settings_env: dict[str, str], kept: bool, level: Level) -> None:
    sandbox = {"name": "full" if kept else "partial", "promises": {"no network": kept, "bounded memory": True}}
    with sync_session() as session:
        session.add(WorkerNode(name="w1", hardware={"sandbox": sandbox}))
    found = about("sandbox", settings_env)
    assert (found.subject, found.level) == ("sandbox", level)
    assert ("no network" in found.found) != kept


def test_a_worker_without_a_sandbox_fails(settings_env: dict[str, str]) -> None:
    with sync_session() as session:
        session.add(WorkerNode(name="w1", hardware={"sandbox": {"name": "none", "problem": "clone is forbidden"}}))
    found = about("sandbox", settings_env)
    assert (found.subject, found.level) == ("sandbox", Level.FAIL)
    assert "clone is forbidden" in found.found


def test_the_gpus_of_the_machine_are_listed_with_why_one_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "candidates_here", list)
    (none,) = machine.gpus()
    assert none.level == Level.OK
    gpus = [GPU, replace(GPU, uuid="GPU-bb", name="NVIDIA GT 1030", memory_bytes=2**30)]
    there = candidates(gpus, [], TorchBuild("2.13.0", "12.8"), environment={})
    monkeypatch.setattr(machine, "candidates_here", lambda: there)
    good, small = machine.gpus()
    assert (good.level, good.found) == (Level.OK, "NVIDIA H100, 80 GiB, driver 570.10, PyTorch 2.13.0 for CUDA 12.8")
    assert (small.level, small.found) == (Level.WARN, "NVIDIA GT 1030 is not used")
    assert "has 1.0 GiB of memory" in small.fix


@pytest.mark.parametrize(
    ("note", "problem", "level", "found", "fix"),
    [
        (None, None, Level.OK, "w1: NVIDIA H100, 80 GiB, PyTorch 2.13.0, 70% busy, 61 C", ""),
        ("A larger GPU is not used.", None, Level.WARN, "w1: NVIDIA H100, 80 GiB", "A larger GPU is not used."),
        (None, "It no longer answers.", Level.FAIL, "w1 takes no job that computes", "It no longer answers."),
    ],
)
def test_the_device_of_a_worker_is_reported(
    note: str | None, problem: str | None, level: Level, found: str, fix: str, settings_env: dict[str, str]
) -> None:
    device = Device(kind="cuda", name=GPU.name, uuid="GPU-aa", memory_bytes=GPU.memory_bytes, torch="2.13.0", note=note)
    gpus = [{"uuid": "GPU-zz", "utilisation": 0.1}, {"uuid": "GPU-aa", "utilisation": 0.7, "temperature": 61.0}]
    with sync_session() as session:
        session.add(WorkerNode(name="w1", device=device.model_dump(), hardware={"gpus": gpus}, problem=problem))
    said = about("device", settings_env)
    assert (said.level, said.fix) == (level, fix)
    assert said.found.startswith(found)


def test_an_unreachable_broker_is_reported() -> None:
    found = services.broker("redis://127.0.0.1:9/0")
    assert found.level == Level.FAIL
    assert "REDIS_URL" in found.fix


def test_a_broker_that_evicts_is_reported(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            found = services.broker(redis_url)
        finally:
            client.config_set("maxmemory-policy", "noeviction")
    assert found.level == Level.FAIL
    assert "noeviction" in found.fix


def test_a_store_that_cannot_be_written_is_reported(clean: Settings, data_dir: Path) -> None:
    (data_dir / "store").write_text("a file, no folder")
    found = services.store(clean)
    assert found.level == Level.FAIL
    assert "EXHUME_STORE_URL" in found.fix


@pytest.mark.parametrize(
    ("hosts", "networks", "level", "words"),
    [
        ([], [], Level.OK, "off"),
        (["huggingface.co"], [], Level.OK, "public internet only"),
        (["mlflow.internal:5000"], ["10.0.0.0/8"], Level.WARN, "open in addition to the public internet: 10.0.0.0/8"),
    ],
)
def test_imports_say_how_far_they_reach(hosts: list[str], networks: list[str], level: Level, words: str) -> None:
    found = services.imports(Settings(import_hosts=hosts, import_networks=networks))  # type: ignore[arg-type]
    assert (found.subject, found.level) == ("imports", level)
    assert words in found.found


def test_a_missing_scheduler_is_a_warning(settings_env: dict[str, str]) -> None:
    found = about("scheduler", settings_env)
    assert (found.level, "exhume scheduler" in found.fix) == (Level.WARN, True)


def test_a_lost_key_of_the_service_is_reported(settings_env: dict[str, str]) -> None:
    with sync_session() as session:
        project = make_project(session)
        session.add(ProjectKey(project_id=project.id, number=1, wrapped=b"x", wrapped_by="abc"))
    found = about("keys", settings_env)
    assert (found.level, "abc" in found.found) == (Level.FAIL, True)


def test_a_secret_that_others_can_read_is_reported(clean: Settings, data_dir: Path) -> None:
    data_dir.mkdir(parents=True, exist_ok=True)
    file = data_dir / "secret.key"
    file.write_text("5e" * 32)
    file.chmod(0o644)
    assert operations.secret(clean).level == Level.FAIL
    file.chmod(0o600)
    assert operations.secret(clean).level == Level.OK
    lost = clean.model_copy(update={"wrapping_key_file": data_dir / "none"})
    assert operations.secret(lost).level == Level.FAIL


def test_a_store_that_others_may_enter_is_a_warning(clean: Settings, data_dir: Path) -> None:
    (data_dir / "store").mkdir(parents=True)
    (data_dir / "store").chmod(0o755)
    assert operations.private_store(clean).level == Level.WARN
    (data_dir / "store").chmod(0o700)
    assert operations.private_store(clean).level == Level.OK


def test_metrics_that_do_not_answer_are_a_warning(clean: Settings) -> None:
    assert operations.metrics(clean.model_copy(update={"metrics_port": 9})).level == Level.WARN


def test_traces_without_the_extra_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    assert operations.traces().level == Level.OK
    monkeypatch.setattr(operations, "find_spec", lambda name: None)
    assert "exhume[otel]" in operations.traces().fix


def test_missing_tools_for_backups_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert operations.backup_tools().level == Level.OK

    def missing(tool: str) -> Path:
        raise BackupError("install the client of PostgreSQL")

    monkeypatch.setattr(operations, "find_tool", missing)
    assert operations.backup_tools().level == Level.FAIL
