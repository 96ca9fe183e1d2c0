"""`/livez` (the process answers) and `/readyz` (its dependencies can be used too)."""

from collections.abc import Awaitable, Callable

import anyio
import structlog
from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select, text

from app.db import revisions
from app.db.models import WorkerNode
from app.db.session import async_session
from app.errors import UnavailableError
from app.jobs import valkey
from app.kit.problems import problems
from app.storage.store import store

log = structlog.get_logger(__name__)

CHECK_SECONDS = 3.0

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """Results of the checks."""

    status: str
    checks: dict[str, str]
    sandbox: str | None = Field(
        None, description="How well the newest worker can sandbox the intake of uploads. Null until a worker was seen."
    )


@router.get("/livez", name="live")
async def live() -> Health:
    """Return 200 if the process answers. Nothing else is checked."""
    return Health(status="alive", checks={})


@router.get("/readyz", name="ready", responses=problems(503))
async def ready() -> Health:
    """Check that the database, migrations, broker and object store can be used."""
    failed: list[dict[str, str]] = []
    for name, check in CHECKS.items():
        try:
            with anyio.fail_after(CHECK_SECONDS):
                await check()
        except Exception as error:  # noqa: BLE001 - any error means that this part is not ready
            log.warning("readyz.failed", check=name, error=repr(error))
            failed.append(
                {"check": name, "detail": f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"}
            )
    if failed:
        broken = ", ".join(fault["check"] for fault in failed)
        raise UnavailableError(
            "not_ready", f"Not ready: {broken}. Run `exhume doctor` for details.", errors=list(failed)
        )
    return Health(status="ready", checks=dict.fromkeys(CHECKS, "ok"), sandbox=await _sandbox())


class BehindError(Exception):
    """The schema of the database belongs to another version."""


async def _database() -> None:
    async with async_session(bound=False) as session:
        await session.execute(text("SELECT 1"))


async def _migrations() -> None:
    async with async_session(bound=False) as session:
        found = await revisions.current(session)
    if found.problem is not None:
        raise BehindError(found.problem)


async def _sandbox() -> str | None:
    newest = select(WorkerNode.hardware["sandbox"]["name"].as_string()).order_by(WorkerNode.seen_at.desc()).limit(1)
    async with async_session(bound=False) as session:
        return (await session.execute(newest)).scalar_one_or_none()


async def _store() -> None:
    await anyio.to_thread.run_sync(store().probe)


CHECKS: dict[str, Callable[[], Awaitable[None]]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": valkey.ping,
    "store": _store,
}
