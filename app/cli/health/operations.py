"""Checks of what operates the service: keys, backups, scheduler, metrics, traces."""

import os
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from app.audit_reports import pdf
from app.audit_reports.pdf_process import Ending
from app.backups.errors import BackupError
from app.backups.tools import find_tool
from app.cli.health.finding import Finding, fail, ok, warn
from app.db.locks import SCHEDULER_LOCK
from app.db.models import ProjectKey
from app.metrics.gauges import SCHEDULER
from app.observability.traces import ENDPOINTS, INSTALL
from app.settings import Settings
from app.vault.service_key import service_keys

ANSWER_SECONDS = 5
OTHERS = 0o077
EXPIRED = text("SELECT count(*) FROM job WHERE state = 'running' AND lease_until < now() - interval '1 minute'")


def secret(settings: Settings) -> Finding:
    """Check that only we can read the root secret, and say where the key of the service is."""
    files = [settings.data_dir / "secret.key", *([settings.wrapping_key_file] if settings.wrapping_key_file else [])]
    for file in files:
        if file.exists() and file.stat().st_mode & OTHERS:
            return fail("secrets", f"other users can read {file}", f"chmod 600 {file}")
    if settings.wrapping_key_file is not None and not settings.wrapping_key_file.exists():
        missing = f"{settings.wrapping_key_file} does not exist"
        return fail("secrets", missing, "restore EXHUME_WRAPPING_KEY_FILE: without it, nothing encrypted can be read")
    if settings.wrapping_key_file is None and settings.secret_key is None:
        return ok("secrets", "the key is in the data folder: a copy of the folder can be read (docs/personal-data.md)")
    return ok("secrets", "the key of the service is outside the data folder")


def backup_tools() -> Finding:
    """Check that `exhume backup` has what it needs."""
    try:
        return ok("backups", f"can be made with {find_tool('pg_dump')}")
    except BackupError as error:
        return fail("backups", "pg_dump was not found", str(error))


def reports() -> Finding:
    """Check that the report of an audit can be made as PDF."""
    ending = pdf.tried()
    if ending == Ending.MADE:
        return ok("reports", "can be made as HTML and PDF")
    lacking = {Ending.NOT_INSTALLED: "WeasyPrint or Pango is missing", Ending.NO_FONTS: "no font was found"}
    why = lacking.get(ending, "a PDF could not be made")
    return warn("reports", f"as HTML only: {why}", pdf.INSTALL)


def metrics(settings: Settings) -> Finding:
    """Check that Prometheus gets an answer where metrics are on."""
    if settings.metrics_port is None:
        return ok("metrics", "off: EXHUME_METRICS_PORT is not set")
    address = f"http://{settings.metrics_host}:{settings.metrics_port}/metrics"
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_SECONDS) as answer:
            answer.read()
    except (OSError, urllib.error.URLError) as error:
        return warn("metrics", f"no answer from {address}: {error}", "start the API, or choose another port")
    return ok("metrics", address)


def traces() -> Finding:
    """Check that traces can be sent where a collector is named."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return ok("traces", f"off: {ENDPOINTS[0]} is not set")
    if find_spec("opentelemetry.sdk") is None:
        return warn("traces", "a collector is named, but nothing is sent", INSTALL)
    return ok("traces", "sent by OTLP over HTTP")


def scheduler(connection: Connection) -> Finding:
    """Check that a scheduler runs and returns the jobs of lost workers."""
    halves = {"high": SCHEDULER_LOCK >> 32, "low": SCHEDULER_LOCK & 0xFFFFFFFF}
    if not connection.execute(SCHEDULER, halves).scalar_one():
        return warn("scheduler", "none runs", "start one with `exhume scheduler`, or everything with `exhume up`")
    if lost := connection.execute(EXPIRED).scalar_one():
        return warn("scheduler", f"{lost} jobs of lost workers were not returned", "read the log of the scheduler")
    return ok("scheduler", "runs")


def keys(connection: Connection) -> Finding:
    """Check that this process has the key of the service that the keys of projects need."""
    known = {key.id for key in service_keys()}
    needed = set(Session(connection).scalars(select(ProjectKey.wrapped_by).distinct()))
    if lost := needed - known:
        return fail(
            "keys",
            f"the keys of projects need {', '.join(sorted(lost))}, which this process does not have",
            "restore EXHUME_WRAPPING_KEY_FILE or EXHUME_SECRET_KEY",
        )
    return ok("keys", "every key of a project has its key of the service")


def private_store(settings: Settings) -> Finding:
    """Check that other users of this machine cannot enter a store in a folder."""
    url = settings.object_store_url
    folder = Path(url.removeprefix("file://"))
    if url.startswith("file://") and folder.exists() and folder.stat().st_mode & OTHERS:
        return warn("store access", f"other users may enter {folder}", f"chmod 700 {folder}")
    return ok("store access", "private")
