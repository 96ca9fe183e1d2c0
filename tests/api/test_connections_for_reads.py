"""Connections for reads give each question its own answer, whatever happened to the one before."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from psycopg import Error
from psycopg.errors import DivisionByZero
from psycopg_pool import PoolTimeout
from sqlalchemy import Integer, Text, Uuid, bindparam, func, literal_column, select

from app.db import reads as module
from app.db.line import Line
from app.db.reads import Reads, compiled
from app.db.session import configured_url

SLEEP = compiled(select(func.pg_sleep(bindparam("seconds")), literal_column("'slept'")))
SAY = compiled(select(bindparam("text", type_=Text), bindparam("id", type_=Uuid), bindparam("number", type_=Integer)))
HALF = compiled(select(1 / bindparam("of", type_=Integer)))


@pytest.fixture
async def reads(settings_env: dict[str, str]) -> AsyncIterator[Reads]:
    made = Reads(configured_url(), size=1)
    yield made
    await made.close()


async def say(reads: Reads, text: str) -> str:
    values = {"text": text, "id": UUID(int=1), "number": None}
    ((said, identifier, number),) = await reads.rows(SAY, values)
    assert (identifier, number) == (UUID(int=1), None)
    return str(said)


async def test_a_cancelled_question_leaves_no_answer_for_the_next(reads: Reads) -> None:
    assert await say(reads, "é'; --") == "é'; --"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await reads.rows(SLEEP, {"seconds": 0.2})
    assert await say(reads, "next") == "next"


async def test_an_error_is_raised_and_not_repeated(reads: Reads) -> None:
    with pytest.raises(DivisionByZero):
        await reads.rows(HALF, {"of": 0})
    assert await say(reads, "after") == "after"


async def test_many_at_once_wait_for_a_connection(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [str(number) for number in range(20)]
    assert await asyncio.gather(*(say(reads, text) for text in texts)) == texts
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    slow = asyncio.create_task(reads.rows(SLEEP, {"seconds": 0.1}))
    await asyncio.sleep(0)
    with pytest.raises(PoolTimeout):
        await say(reads, "no place")
    assert (await slow)[0][1] == "slept"


async def test_statements_sent_together_are_one_transaction(settings_env: dict[str, str]) -> None:
    line = await Line.connect(configured_url().replace("+psycopg", ""))
    bound = "SELECT set_config('tests.tenant', $1, true)"
    shown = "SELECT current_setting('tests.tenant', true)"
    assert await line.ask([(bound, ["ours"]), (shown, [])]) == [("ours",)]
    assert await line.ask([(shown, [])]) == [("",)]
    long = "x" * 3_000_000  # more than a socket takes at once
    assert await line.ask([(bound, ["theirs"]), ("SELECT $1::text", [long])]) == [(long,)]
    with pytest.raises(Error):
        await line.ask([("SELECT nothing FROM nowhere", [])])
    assert line.closed
