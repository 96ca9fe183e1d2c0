"""Lists of identities beside the images that are long, or cannot be what they seem."""

from __future__ import annotations

import tracemalloc

import pytest

from app.formats.archive import ZipEntry
from worker.intake import Refused
from worker.intake.images.label_list import MOST_ROWS, Listed, read_list

IMAGES = ["a/0.png", "a/1.png"]
LIST = b"file,label\n0.png,anna\n1.png,bert\n"


def entry(name: str, size: int = 1) -> ZipEntry:
    return ZipEntry(name, 0, 0, 0, size, size, 0, 0)


def read(data: bytes) -> Listed | None:
    return read_list([entry("a/labels.csv", len(data))], [entry(name) for name in IMAGES], lambda _: data)


@pytest.mark.parametrize("more", [b"\n", b",\n", b"x,y\n"])
def test_a_list_with_too_many_rows_is_rejected_before_it_fills_the_memory(more: bytes) -> None:
    data = LIST + more * (8 * MOST_ROWS)
    tracemalloc.start()
    with pytest.raises(Refused) as caught:
        read(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == "label-list"
    assert peak < 400 * 2**20


def test_names_in_quotes_are_read_whole() -> None:
    found = read(b'file,label\n0.png,"an\nna"\n1.png,"be,rt"\n')
    assert found is not None
    assert found.identities == {"0.png": "an\nna", "1.png": "be,rt"}
