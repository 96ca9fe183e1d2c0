"""Keyset pagination. A page continues after the last row of the previous one, despite inserts."""

import base64
import hashlib
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, ColumnElement, Row, Select, literal, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import BadRequestError, UnprocessableError
from app.kit.json_body import parse

Item = TypeVar("Item")
Limit = Annotated[int, Query(ge=1, le=500, description="Maximum number of items.")]
LONGEST = 2000
MARK = re.compile("[0-9a-f]{12}")
Cursor = Annotated[str | None, Query(max_length=LONGEST, description="`next_cursor` of the previous page.")]


class Page(BaseModel, Generic[Item]):
    """Items of a list and the cursor of the next page."""

    items: list[Item]
    next_cursor: str | None = Field(description="Value of `cursor` for the next page. Null on the last page.")


@dataclass(frozen=True)
class Keyset:
    """The columns that order a list. Together they are unique. All ascend or all descend.

    `narrowed_by` names the filters of the list, so that a cursor is bound to them.
    """

    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False
    narrowed_by: str = ""

    @cached_property
    def mark(self) -> str:
        """What a cursor is bound to: the order and the filters of its list."""
        text = "\n".join((self.narrowed_by, str(self.descending), *map(str, self.columns)))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


async def fetch_page(
    session: AsyncSession, statement: Select[*tuple[Any, ...]], keyset: Keyset, *, limit: int, cursor: str | None
) -> tuple[Sequence[Row[*tuple[Any, ...]]], str | None]:
    """Return at most `limit` rows after `cursor`, and the cursor of the next page, if any."""
    columns = keyset.columns
    if cursor is not None:
        last = tuple_(
            *(literal(value, column.type) for value, column in zip(decode(cursor, keyset), columns, strict=True))
        )
        place = tuple_(*columns)
        statement = statement.where(place < last if keyset.descending else place > last)
    order = [column.desc() if keyset.descending else column.asc() for column in columns]
    marks = [column.label(f"cursor_{number}") for number, column in enumerate(columns)]
    rows = (await session.execute(statement.add_columns(*marks).order_by(*order).limit(limit + 1))).all()
    if len(rows) <= limit:
        return rows, None
    rows = rows[:limit]
    return rows, encode(rows[-1][-len(columns) :], keyset)


def encode(values: Sequence[Any], keyset: Keyset) -> str:
    """Encode the values of the keyset's columns as an opaque, URL-safe text."""
    plain = [keyset.mark, *(value.isoformat() if isinstance(value, datetime) else str(value) for value in values)]
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, keyset: Keyset) -> list[Any]:
    """Decode a cursor into values of the columns' types.

    Raises:
        BadRequestError: it is not ours.
        UnprocessableError: it belongs to a list with another order or other filters.
    """
    try:
        mark, *plain = parse(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(mark, str) or not MARK.fullmatch(mark):
            raise ValueError("not a mark")
        if mark == keyset.mark:
            return [_parser(column)(str(value)) for value, column in zip(plain, keyset.columns, strict=True)]
    except (ValueError, TypeError) as error:
        raise BadRequestError(
            "bad_cursor", "This cursor does not belong to this list. Start without a cursor."
        ) from error
    raise UnprocessableError(
        "other_cursor",
        "This cursor was returned for another `sort`, `q` or filter. Send those of the first page, or start without a "
        "cursor.",
    )


def _parser(column: ColumnElement[Any]) -> Callable[[str], Any]:
    kind = column.type.python_type
    if kind is datetime:
        return _moment
    if kind is float:
        return _number
    if kind is int:
        return _large if isinstance(column.type, BigInteger) else _small
    return {UUID: UUID, str: str}[kind]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


def _number(text: str) -> float:
    number = float(text)
    if math.isnan(number):
        raise ValueError("not a number")
    return number


def _small(text: str) -> int:
    return _within(text, 2**31)


def _large(text: str) -> int:
    return _within(text, 2**63)


def _within(text: str, limit: int) -> int:
    number = int(text)
    if not -limit <= number < limit:
        raise ValueError("a number that the column cannot hold")
    return number
