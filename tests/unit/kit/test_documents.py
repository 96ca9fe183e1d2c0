"""Documents are kept by version and within a number of bytes."""

import json
from uuid import UUID

import pytest

from app.kit import documents
from app.kit.documents import Documents, Version, etag, page

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_a_document_is_found_in_its_version_only() -> None:
    kept = Documents()
    kept.keep(Version(ONE, "1"), b"{}")
    assert kept.find(Version(ONE, "1")) == b"{}"
    assert kept.find(Version(ONE, "2")) is None
    kept.keep(Version(ONE, "2"), b"[]")
    assert (kept.find(Version(ONE, "1")), kept.find(Version(ONE, "2"))) == (None, b"[]")


def test_what_was_not_read_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_BYTES", 10)
    kept = Documents()
    kept.keep(Version(ONE, "1"), b"12345")
    kept.keep(Version(OTHER, "1"), b"12345")
    assert kept.find(Version(ONE, "1"))
    kept.keep(Version(UUID(int=3), "1"), b"1")
    assert kept.find(Version(OTHER, "1")) is None
    assert kept.find(Version(ONE, "1"))


@pytest.mark.parametrize(("items", "following"), [([], None), ([b'{"a":1}'], "abc"), ([b"1", b"2"], None)])
def test_a_page_is_json(items: list[bytes], following: str | None) -> None:
    assert json.loads(page(items, following)) == {
        "items": [json.loads(one) for one in items],
        "next_cursor": following,
    }


def test_an_etag_changes_with_any_version_and_with_the_order() -> None:
    versions = [Version(ONE, "1"), Version(OTHER, "1")]
    tags = [etag(versions), etag(versions[::-1]), etag(versions[:1]), etag([Version(ONE, "2"), Version(OTHER, "1")])]
    assert len({*tags, etag(versions, "more")}) == 5
