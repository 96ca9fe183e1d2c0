"""Checks of running services: database, migrations, broker, object store, worker."""

import secrets
from datetime import timedelta
from typing import Any

import obstore
import redis
from obstore.store import from_url
from sqlalchemy import Connection, Select, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.cli.health import operations
from app.cli.health.finding import Finding, fail, idle, ok, warn
from app.contract.device import Device
from app.db.models import WorkerNode
from app.db.revisions import Schema, schema_of
from app.db.session import NoDatabaseError, sqlalchemy_url
from app.db.tenancy import BIND_NAMED, BYPASSES, NOBODY
from app.settings import Settings

OLDEST_POSTGRES = 180000
SEEN_SECONDS = 60


def database(url: str | None) -> list[Finding]:
    """Check that the database answers, its version and schema, and that a worker was seen."""
    if url is None:
        return [idle("database", "the embedded PostgreSQL is not running")]
    try:
        engine = create_engine(
            sqlalchemy_url(url), hide_parameters=True, poolclass=NullPool, connect_args={"connect_timeout": 5}
        )
        with engine.connect() as connection:
            version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
            schema = schema_of(Session(connection))
            findings = [_version(version), _schema(schema)]
            if schema.fault is None:
                findings.append(_tenants(connection))
                findings += _workers(list(Session(connection).scalars(_seen_statement())))
                findings += [operations.scheduler(connection), operations.keys(connection)]
            return findings
    except NoDatabaseError as error:
        return [fail("database", "DATABASE_URL cannot be used", str(error))]
    except DBAPIError as error:
        return [
            fail(
                "database", f"no answer: {str(error.orig).strip()}", "check DATABASE_URL and that the server is running"
            )
        ]


def broker(url: str | None) -> Finding:
    """Check that the broker answers and never evicts messages."""
    if url is None:
        return idle("broker", "the embedded Valkey is not running")
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            policy = str(client.info("memory").get("maxmemory_policy", "noeviction"))
    except (redis.RedisError, ValueError, OSError) as error:
        return fail("broker", f"no answer: {error}", "check REDIS_URL and that the server is running")
    if policy != "noeviction":
        return fail(
            "broker", f"maxmemory-policy is {policy}, so messages can be lost", "set maxmemory-policy noeviction"
        )
    return ok("broker", "answers; nothing is evicted")


def store(settings: Settings) -> Finding:
    """Check that a small object can be written and removed."""
    url = settings.object_store_url
    try:
        target = from_url(url, mkdir=True, automatic_cleanup=True) if url.startswith("file:") else from_url(url)
        key = f"doctor/{secrets.token_hex(8)}"
        obstore.put(target, key, b"exhume doctor")
        obstore.delete(target, key)
    except (obstore.exceptions.BaseError, OSError, ValueError) as error:
        return fail(
            "object store", f"cannot write to {url}: {error}", "check EXHUME_STORE_URL, its credentials and permissions"
        )
    return ok("object store", url)


def imports(settings: Settings) -> Finding:
    """Report the hosts that files may be fetched from, and any private networks among them."""
    if not settings.import_hosts:
        return ok("imports", "off: EXHUME_IMPORT_HOSTS lists no host")
    found = f"from {', '.join(settings.import_hosts)}"
    if settings.import_networks:
        opened = ", ".join(map(str, settings.import_networks))
        return warn(
            "imports",
            f"{found}; open in addition to the public internet: {opened}",
            "keep EXHUME_IMPORT_NETWORKS as small as possible; it is meant for your own registry",
        )
    return ok("imports", f"{found}, on the public internet only")


def _version(number: int) -> Finding:
    found = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number < OLDEST_POSTGRES:
        return fail("database", found, "Exhume needs PostgreSQL 18 (for ids from uuidv7())")
    return ok("database", found)


def _schema(found: Schema) -> Finding:
    if found.fault is not None:
        return fail("migrations", *found.fault)
    return ok("migrations", found.state)


def _tenants(connection: Connection) -> Finding:
    """Check that row-level security binds the transactions of requests."""
    try:
        connection.exec_driver_sql(BIND_NAMED, NOBODY._asdict())
        bound = not connection.execute(text(BYPASSES)).scalar_one()
    except DBAPIError:
        bound = False
    connection.rollback()
    if bound:
        return ok("tenants", "row-level security keeps them apart")
    return fail("tenants", "row-level security does not bind the role in DATABASE_URL", "run `exhume migrate`")


def _seen_statement() -> Select[WorkerNode]:
    since = func.now() - timedelta(seconds=SEEN_SECONDS)
    return select(WorkerNode).where(WorkerNode.seen_at > since).order_by(WorkerNode.name)


def _workers(nodes: list[WorkerNode]) -> list[Finding]:
    """Check that workers run, on what, and how well they isolate the files that they open."""
    if not nodes:
        return [_no_worker()]
    levels = [node.hardware["sandbox"] for node in nodes if "sandbox" in node.hardware]
    seen = ok("worker", f"{len(nodes)} seen within {SEEN_SECONDS} s")
    return [seen, *(_device(node) for node in nodes if node.device), *map(_sandbox, levels[:1])]


def _device(node: WorkerNode) -> Finding:
    """Report the device of a worker and what it is doing, or why it takes no jobs."""
    device = Device.model_validate(node.device)
    if node.problem:
        return fail("device", f"{node.name} takes no job that computes", node.problem)
    found = f"{node.name}: {device.words}"
    gpu: dict[str, Any] = next(
        (one for one in node.hardware.get("gpus", []) if device.uuid and one.get("uuid") == device.uuid), {}
    )
    if gpu.get("utilisation") is not None:
        found += f", {gpu['utilisation']:.0%} busy"
    if gpu.get("temperature") is not None:
        found += f", {gpu['temperature']:.0f} C"
    return warn("device", found, device.note) if device.note else ok("device", found)


def _sandbox(level: dict[str, Any]) -> Finding:
    if "promises" not in level:
        return fail("sandbox", f"{level['name']}: {level.get('problem')}", "uploads wait until the sandbox works")
    broken = [promise for promise, kept in level["promises"].items() if not kept]
    if not broken:
        return ok("sandbox", "all promises are kept: uploads are opened in isolation")
    return warn(
        "sandbox",
        f"{level['name']}: not kept: {', '.join(broken)}",
        "run workers on Linux 5.13 or newer with user namespaces, seccomp and Landlock; containers often forbid them",
    )


def _no_worker() -> Finding:
    return warn(
        "worker", f"none seen within {SEEN_SECONDS} s", "start one with `exhume worker`, or everything with `exhume up`"
    )
