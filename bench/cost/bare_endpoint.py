"""The simplest endpoint that reads one row: FastAPI and psycopg, and nothing else.

`python -m bench.cost.bare_endpoint PORT` serves `/audits/{id}` from `DATABASE_URL`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool

pool = AsyncConnectionPool(open=False, min_size=10, max_size=10, kwargs={"autocommit": True})


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with pool:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/audits/{audit_id}")
async def get_audit(audit_id: UUID) -> dict[str, Any]:
    """Read one row."""
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT id, state, verdict, risk FROM audit WHERE id = %s", [audit_id])
        row = await cursor.fetchone()
    assert row is not None
    return {"id": row[0], "state": row[1], "verdict": row[2], "risk": row[3]}


def main() -> None:
    pool.conninfo = os.environ["DATABASE_URL"]
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
