"""A connection to PostgreSQL for short reads.

psycopg waits for each answer anew, which takes longer than a short statement. Here the event loop
watches a connection as long as it lives, and statements are prepared once. Statements that are
sent together are one transaction and take one round trip.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Self

from psycopg import AsyncConnection, InterfaceError, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.types.json import set_json_loads
from pydantic_core import from_json

from app.db.contention import wait_limit

Question = tuple[str, Sequence[Any]]
"""A statement with the parameters `$1`, `$2` and so on, and their values."""


class Line:
    """One connection. It is closed after an error and when nobody waits for an answer."""

    closed = False

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._libpq = connection.pgconn
        set_json_loads(from_json, connection)
        self._transformer = Transformer(connection)
        self._names: dict[str, bytes] = {}
        self._results: list[PGresult] = []
        self._answered: asyncio.Future[None] | None = None
        self._socket = self._libpq.socket
        self._libpq.nonblocking = 1
        self._libpq.enter_pipeline_mode()
        asyncio.get_running_loop().add_reader(self._socket, self._hear)

    @classmethod
    async def connect(cls, address: str) -> Self:
        """Connect. Raises: OperationalError."""
        connection = await AsyncConnection.connect(address, autocommit=True)
        await connection.execute(wait_limit().encode())
        return cls(connection)

    async def close(self) -> None:
        """Disconnect."""
        self._end()
        await self._connection.close()

    async def ask(self, questions: Sequence[Question]) -> list[tuple[Any, ...]]:
        """Return the rows of the last statement. Raises what psycopg raises, and closes then."""
        try:
            return await self._ask(questions)
        except BaseException:  # also when the task is cancelled: the answer belongs to nobody else
            await self.close()
            raise

    async def _ask(self, questions: Sequence[Question]) -> list[tuple[Any, ...]]:
        if self.closed:
            raise OperationalError("the connection is closed")
        self._results = []
        self._answered = asyncio.get_running_loop().create_future()
        for text, values in questions:
            name = self._prepared(text)
            sent = self._transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))
            self._libpq.send_query_prepared(name, sent)
        self._libpq.pipeline_sync()
        while self._libpq.flush():
            await self._writable()
        await self._answered
        for result in self._results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result)
        rows = self._results[-1]
        self._transformer.set_pgresult(rows)
        return self._transformer.load_rows(0, rows.ntuples, tuple)

    def _prepared(self, text: str) -> bytes:
        name = self._names.get(text)
        if name is None:
            name = self._names[text] = f"read_{len(self._names)}".encode()
            self._libpq.send_prepare(name, text.encode())
        return name

    async def _writable(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_writer(self._socket, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_writer(self._socket)

    def _hear(self) -> None:
        """Take what has arrived. The answer is complete at the end of its transaction."""
        try:
            self._libpq.consume_input()
            while self._answered is not None and not self._libpq.is_busy():
                result = self._libpq.get_result()
                if self._libpq.status != ConnStatus.OK:
                    raise OperationalError("the connection is lost")
                if result is None:
                    continue  # the end of the results of one statement
                if result.status == ExecStatus.PIPELINE_SYNC:
                    self._settle(None)
                else:
                    self._results.append(result)
        except (OperationalError, InterfaceError) as error:
            self._settle(error)
            self._end()

    def _settle(self, error: Exception | None) -> None:
        answered, self._answered = self._answered, None
        if answered is None or answered.done():
            return
        if error is None:
            answered.set_result(None)
        else:
            answered.set_exception(error)

    def _end(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().remove_reader(self._socket)
