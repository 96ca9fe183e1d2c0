"""Lists that are searched, filtered and sorted by PostgreSQL, one page at a time.

Every such list has the parameters of `ListQuery`, the orders of its `sort`, and filters named
after the fields of its items. A `Listing` says which columns they stand for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Float,
    Row,
    Select,
    String,
    and_,
    any_,
    func,
    inspect,
    literal,
    literal_column,
    or_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.cursor import LONGEST, Keyset, fetch_page
from app.kit.ids import parse_id

MOST_WORDS = 8
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
Condition = Callable[[Any], ColumnElement[bool]]
"""Makes a condition of the value of a filter, or of a word of a search."""
SORT = "Order. A minus sign means descending."
ByTime = Literal["-created_at", "created_at"]
ByTimeOrName = Literal["-created_at", "created_at", "name", "-name"]


def _searchable(text: str) -> str | None:
    if "\0" in text or "\ufffd" in text or any("\ud800" <= one <= "\udfff" for one in text):
        raise ValueError("the search must be text in UTF-8, without the character NUL")
    words = text.split()
    if len(words) > MOST_WORDS:
        raise ValueError(f"a search has at most {MOST_WORDS} words")
    return " ".join(words) or None


class ListQuery(BaseModel):
    """Parameters of a list. Unknown ones are rejected, so that misspelt filters are noticed."""

    model_config = ConfigDict(extra="forbid")
    searches: ClassVar[str] = ""

    limit: Annotated[int, Field(ge=1, le=500, description="Maximum number of items.")] = 50
    cursor: Annotated[
        str | None,
        Field(max_length=LONGEST, description="`next_cursor` of the previous page, sent with the same parameters."),
    ] = None
    q: Annotated[
        str | None,
        Field(
            max_length=200,
            description="Only items that contain all these words, in any case, or the item with this id.",
        ),
        AfterValidator(lambda text: None if text is None else _searchable(text)),
    ] = None

    @property
    def narrowed_by(self) -> str:
        """Everything but the place in the list and the size of a page."""
        return self.model_dump_json(exclude={"limit", "cursor"}, exclude_defaults=True)


class Newest(ListQuery):
    """A list of items without a name."""

    sort: Annotated[ByTime, Field(description=SORT)] = "-created_at"


class Named(ListQuery):
    """A list of items with a name."""

    sort: Annotated[ByTimeOrName, Field(description=SORT)] = "-created_at"


def text_of(*columns: Any) -> Condition:
    """Return a condition on a word: one of the columns contains it, in any case."""
    whole = func.concat_ws(" ", *columns, type_=String())
    return lambda word: whole.icontains(word, autoescape=True)


def equals(column: Any) -> Condition:
    """Return a condition on a filter with one value."""
    return lambda value: column == value


def one_of(column: Any) -> Condition:
    """Return a condition on a filter that can be repeated."""
    return lambda values: column == any_(literal([*values], ARRAY(column.type)))


def given(column: Any) -> Condition:
    """Return a condition on a filter that tells whether a column has a value."""
    return lambda wanted: column.is_not(None) if wanted else column.is_(None)


def since(column: Any) -> Condition:
    """Return a condition on a first moment."""
    return lambda moment: column >= moment


def before(column: Any) -> Condition:
    """Return a condition on the moment after the last one."""
    return lambda moment: column < moment


@dataclass(frozen=True)
class Listing:
    """The orders, searches and filters of a list.

    Args:
        unique: makes any order unique.
        sorts: columns by the names of orders without their sign. Texts are ordered without regard
            to case. Rows without a value come last.
        search: the condition on each word of `q`.
        prefix: of the public ids that `q` finds.
        filters: conditions by fields of the query.
    """

    unique: Any
    sorts: Mapping[str, Any]
    search: Condition
    prefix: str = ""
    filters: Mapping[str, Condition] = field(default_factory=dict)

    def keyset(self, asked: Any) -> Keyset:
        """Return the order that is asked for."""
        descending = asked.sort.startswith("-")
        unique, column = _plain(self.unique), _plain(self.sorts[asked.sort.removeprefix("-")])
        columns = (unique,) if column is unique else (_sortable(column, descending), unique)
        return Keyset(columns, descending, asked.narrowed_by)

    def conditions(self, asked: ListQuery) -> Sequence[ColumnElement[bool]]:
        """Return the conditions of the search and the filters."""
        chosen = {name: value for name in self.filters if (value := getattr(asked, name)) is not None}
        return [
            *(self.filters[name](value) for name, value in chosen.items() if value != []),
            *(self._matches(word) for word in (asked.q or "").split()),
        ]

    def _matches(self, word: str) -> ColumnElement[bool]:
        try:
            identifier = parse_id(self.prefix, word)
        except ValueError:
            return self.search(word)
        return or_(self.unique == identifier, self.search(word))


async def listed(
    session: AsyncSession, statement: Select[*tuple[Any, ...]], listing: Listing, asked: ListQuery
) -> tuple[Sequence[Row[*tuple[Any, ...]]], str | None]:
    """Return a page of the rows of `statement`, and the cursor of the next page, if any."""
    narrowed = statement.where(and_(True, *listing.conditions(asked)))
    return await fetch_page(session, narrowed, listing.keyset(asked), limit=asked.limit, cursor=asked.cursor)


def _plain(column: Any) -> ColumnElement[Any]:
    found: ColumnElement[Any] = inspect(column).expression if hasattr(column, "expression") else column
    return found


def _sortable(column: ColumnElement[Any], descending: bool) -> ColumnElement[Any]:
    if isinstance(column.type, String):
        return func.coalesce(func.lower(column), "" if descending else "\U0010ffff", type_=String())
    if not getattr(column, "nullable", False):
        return column
    if isinstance(column.type, DateTime):
        return func.coalesce(column, literal(FIRST if descending else LAST, column.type), type_=column.type)
    if isinstance(column.type, Float):
        infinity = literal_column("'-Infinity'::float8" if descending else "'Infinity'::float8", column.type)
        return func.coalesce(column, infinity, type_=column.type)  # as in the indexes
    return func.coalesce(column, literal(-1 if descending else 2**31 - 1), type_=column.type)
