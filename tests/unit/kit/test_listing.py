"""The parameters of lists, and the cursors that are bound to them."""

import pytest
from pydantic import ValidationError
from sqlalchemy import Column, DateTime, Float, MetaData, String, Table, Uuid

from app.errors import BadRequestError, UnprocessableError
from app.kit.cursor import decode, encode
from app.kit.listing import Listing, Named, equals, text_of

THINGS = Table(
    "thing",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("risk", Float),
)
LISTING = Listing(
    THINGS.c.id,
    sorts={"created_at": THINGS.c.created_at, "name": THINGS.c.name},
    search=text_of(THINGS.c.name),
    filters={"role": equals(THINGS.c.name)},
)
ID = "0198c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e0f"


class Query(Named):
    role: str | None = None


@pytest.mark.parametrize("text", ["a\0b", "\ud800", " ".join("abcdefghi"), "x" * 201])
def test_a_search_is_text_that_can_be_found(text: str) -> None:
    with pytest.raises(ValidationError):
        Query(q=text)


def test_a_search_of_spaces_is_none() -> None:
    assert Query(q="  ").q is None
    assert Query(q=" a   b ").q == "a b"


@pytest.mark.parametrize("parameters", [{"sort": "risk"}, {"stat": "ready"}, {"limit": 0}])
def test_unknown_parameters_are_rejected(parameters: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Query.model_validate(parameters)


def test_a_cursor_is_of_one_order_and_one_selection() -> None:
    first = LISTING.keyset(Query(sort="name", role="x", limit=3))
    cursor = encode(["Ünicode", ID], first)
    assert decode(cursor, LISTING.keyset(Query(sort="name", role="x", limit=9, cursor="c")))[0] == "Ünicode"
    for other in (Query(sort="-name", role="x"), Query(sort="name", role="y"), Query(sort="name", role="x", q="a")):
        with pytest.raises(UnprocessableError, match="another `sort`"):
            decode(cursor, LISTING.keyset(other))
    with pytest.raises(BadRequestError):
        decode(cursor[:-4], first)


def test_signs_of_patterns_are_letters() -> None:
    (condition,) = LISTING.conditions(Query(q="50%_\\"))
    assert "50/%/_\\" in condition.compile().params.values()
