"""Keyset pagination. A page continues after the last row of the previous one, despite inserts."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, ColumnElement, Row, Select, literal, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import BadRequestError
from app.kit.json_body import parse

Item = TypeVar("Item")
Limit = Annotated[int, Query(ge=1, le=500, description="Maximum number of items.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the previous page.")]


class Page(BaseModel, Generic[Item]):
    """Items of a list and the cursor of the next page."""

    items: list[Item]
    next_cursor: str | None = Field(description="Value of `cursor` for the next page. Null on the last page.")


@dataclass(frozen=True)
class Keyset:
    """The columns that order a list. Together they are unique. All ascend or all descend."""

    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False


async def fetch_page(
    session: AsyncSession, statement: Select[*tuple[Any, ...]], keyset: Keyset, *, limit: int, cursor: str | None
) -> tuple[Sequence[Row[*tuple[Any, ...]]], str | None]:
    """Return at most `limit` rows after `cursor`, and the cursor of the next page, if any."""
    columns = keyset.columns
    if cursor is not None:
        last = tuple_(
            *(literal(value, column.type) for value, column in zip(decode(cursor, columns), columns, strict=True))
        )
        place = tuple_(*columns)
        statement = statement.where(place < last if keyset.descending else place > last)
    order = [column.desc() if keyset.descending else column.asc() for column in columns]
    marks = [column.label(f"cursor_{number}") for number, column in enumerate(columns)]
    rows = (await session.execute(statement.add_columns(*marks).order_by(*order).limit(limit + 1))).all()
    if len(rows) <= limit:
        return rows, None
    rows = rows[:limit]
    return rows, encode(rows[-1][-len(columns) :])


def encode(values: Sequence[Any]) -> str:
    """Encode values as an opaque, URL-safe text."""
    plain = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str, columns: Sequence[ColumnElement[Any]]) -> list[Any]:
    """Decode a cursor into values of the columns' types.

    Raises `BadRequestError` if it is not ours.
    """
    try:
        plain = parse(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [_parser(column)(str(value)) for value, column in zip(plain, columns, strict=True)]
    except (ValueError, TypeError) as error:
        raise BadRequestError(
            "bad_cursor", "This cursor does not belong to this list. Start without a cursor."
        ) from error


def _parser(column: ColumnElement[Any]) -> Callable[[str], Any]:
    kind = column.type.python_type
    if kind is datetime:
        return _moment
    if kind is int:
        return _large if isinstance(column.type, BigInteger) else _small
    return {UUID: UUID, str: str}[kind]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


def _small(text: str) -> int:
    return _within(text, 2**31)


def _large(text: str) -> int:
    return _within(text, 2**63)


def _within(text: str, limit: int) -> int:
    number = int(text)
    if not -limit <= number < limit:
        raise ValueError("a number that the column cannot hold")
    return number
