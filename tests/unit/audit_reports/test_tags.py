"""The tags of a report as PDF: what a screen reader gets to know of its structure."""

import io
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from app.audit_reports import pdf
from app.audit_reports.page import page
from app.audit_reports.pdf_process import Ending
from tests.unit.audit_reports import made


@cache
def report() -> PdfReader:
    """Return a report as PDF. It is made once, because that takes seconds."""
    done = pdf.checked(page(made.facts()).encode())
    if done.returncode == Ending.NOT_INSTALLED:
        pytest.skip("Pango is not installed")
    assert done.returncode == Ending.MADE
    return PdfReader(io.BytesIO(done.stdout))


def root() -> Any:
    """Return the catalogue of the document."""
    return report().trailer["/Root"]


def elements(node: Any) -> Iterator[Any]:
    """Yield the structure elements below a node, in the order of reading."""
    found = node.get_object()
    if isinstance(found, ArrayObject):
        for one in found:
            yield from elements(one)
    elif isinstance(found, DictionaryObject):
        if "/S" in found:
            yield found
        if "/K" in found:
            yield from elements(found["/K"])


def tagged(*kinds: str) -> list[Any]:
    """Return the elements of these kinds."""
    return [one for one in elements(root()["/StructTreeRoot"]["/K"]) if one["/S"] in kinds]


def test_the_document_has_its_language_and_shows_its_title() -> None:
    assert (root()["/Lang"], root()["/MarkInfo"]["/Marked"]) == ("en", True)
    assert root()["/ViewerPreferences"]["/DisplayDocTitle"]
    information: Any = report().trailer["/Info"]
    assert information["/Title"] == "Privacy audit of badge-reader 4"
    assert "pdfuaid" in root()["/Metadata"].get_object().get_data().decode()


def test_headings_skip_no_level() -> None:
    levels = [int(one["/S"][2:]) for one in tagged(*(f"/H{level}" for level in range(1, 7)))]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert len(levels) > 20
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_figure_says_what_it_shows() -> None:
    figures = tagged("/Figure")
    assert figures
    assert str(figures[0]["/Alt"]).startswith("Interval plot: risk R")
    assert all(str(one.get("/Alt", "")).strip() for one in figures)


def test_every_cell_of_a_table_names_its_headers() -> None:
    names = [one["/ID"] for one in tagged("/TH")]
    assert len(names) > 100
    assert len(set(names)) == len(names)
    cells = [one for one in tagged("/TD") if any("/Headers" in attributes for attributes in _attributes(one))]
    assert len(cells) == len(tagged("/TD"))
    for cell in cells:
        (headers,) = [attributes["/Headers"] for attributes in _attributes(cell) if "/Headers" in attributes]
        assert set(headers) <= set(names)
        assert headers


def _attributes(element: Any) -> list[Any]:
    found = element.get("/A", ArrayObject()).get_object()
    return [one.get_object() for one in found] if isinstance(found, ArrayObject) else [found]
