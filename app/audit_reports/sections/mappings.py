"""Appendix B: which section of the report helps with which document of a regulator or standard."""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.audit_reports.blocks import Block, Column, Part, Section, Table, Text

NOTICE = (
    "Not legal advice. These tables point from documents of regulators and standards to sections of this report. They "
    "do not say that a requirement is met. Clauses are summarised in other words, and their numbers and titles can be "
    "wrong or out of date. Check them against the published text."
)
FOLDER = "mappings"


class Entry(BaseModel):
    """A clause, what it asks for, and what this report has to say about it."""

    model_config = ConfigDict(extra="forbid")

    clause: str
    asks: str
    sections: list[str] = Field(description="Numbers of sections. Empty if the report does not cover the clause.")
    answer: str


class Mapping(BaseModel):
    """A mapping to one document, exhume.report-mapping/1."""

    model_config = ConfigDict(extra="forbid")

    schema_: Literal["exhume.report-mapping/1"] = Field(alias="schema")
    id: str
    title: str
    publisher: str
    edition: str
    version: int = Field(description="Of this mapping. A changed entry makes a new version.")
    notice: Literal["not legal advice"]
    basis: str = Field(description="What the clauses and summaries were written from.")
    entries: list[Entry]


@lru_cache(maxsize=1)
def stored() -> list[Mapping]:
    """Return the mappings that ship with Exhume, by id."""
    folder = files("app.audit_reports") / FOLDER
    found = [Mapping.model_validate(json.loads(one.read_text("utf-8"))) for one in folder.iterdir()]
    return sorted(found, key=lambda one: one.id)


def mapped() -> Section:
    """Return the appendix."""
    parts = [Part(one.title, _blocks(one)) for one in stored()]
    return Section("B", "Where this report helps with other documents", [Text(NOTICE, "lead")], parts)


def _blocks(mapping: Mapping) -> list[Block]:
    rows = [[one.clause, one.asks, ", ".join(one.sections) or "not covered", one.answer] for one in mapping.entries]
    columns = [Column("Clause"), Column("Asks for"), Column("Sections"), Column("In this report")]
    origin = f"{mapping.publisher}, {mapping.edition}. Mapping {mapping.id}, version {mapping.version}. {mapping.basis}"
    return [Text(origin, "note"), Table("", columns, rows)]
