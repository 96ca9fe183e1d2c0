"""A report as one HTML file: no script, no address, every text escaped."""

import re
from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Literal

from app.audit_reports.blocks import (
    Block,
    Bullets,
    Column,
    Form,
    Pairs,
    Part,
    Picture,
    Pictures,
    Section,
    Table,
    Text,
)
from app.audit_reports.facts import Facts
from app.audit_reports.nameless import spoken
from app.audit_reports.rows import moment
from app.audit_reports.sections import sections
from app.reports.text import plain

Paper = Literal["a4", "letter"]
SIZES: dict[Paper, str] = {"a4": "A4", "letter": "Letter"}
LONGEST = 20_000
"""Longest text of a block. A declaration has at most 10,000 characters."""


PER_CENT = re.compile(r"(?<=\d) %")


def page(facts: Facts, paper: Paper = "a4") -> str:
    """Return the report as an HTML document."""
    found = sections(facts)
    style = f"@page {{ size: {SIZES[paper]} }}\n{stylesheet()}"
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{_digest(style)}'; form-action 'none'"
    title = f"Privacy audit of {facts.title}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light">\n<meta name="robots" content="noindex">\n'
        f'<meta name="generator" content="Exhume {_safe(facts.made.version)}">\n'
        f'<meta name="author" content="{_safe(facts.made.by)}">\n'
        f"<title>{_safe(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f"{_head(facts, title)}{_contents(found)}{''.join(_section(one) for one in found)}</main>\n</body>\n</html>\n"
    )


@lru_cache(maxsize=1)
def stylesheet() -> str:
    """Return the style of a report, on screens and on paper."""
    return (files("app.audit_reports") / "report.css").read_text("utf-8")


def _digest(style: str) -> str:
    return b64encode(sha256(style.encode()).digest()).decode()


def _safe(text: str) -> str:
    """Return one line of printable text without markup. A number stays with its per cent."""
    return PER_CENT.sub("\u00a0%", escape(plain(text, LONGEST)))


def _head(facts: Facts, title: str) -> str:
    verdict = facts.result.verdict
    said = _safe(spoken(facts).verdict().removeprefix(f"{verdict}: "))
    shown = facts.made.names or facts.made.pictures
    mark = f"Confidential: this report shows people. Made for: {facts.made.purpose}"
    confidential = f'<p class="confidential">{_safe(mark)}</p>' if shown else ""
    return (
        f'<header class="head"><p class="kind">Exhume audit report</p><h1>{_safe(title)}</h1>'
        f'<p class="verdict {verdict.lower()}"><strong>{verdict}</strong> {said}</p>'
        f'<p class="by">Made by {_safe(facts.made.by)} on {moment(facts.made.at)}</p>'
        f"{confidential}</header>\n"
    )


def _contents(found: Iterable[Section]) -> str:
    lines = "".join(
        f'<li><a href="#{one.anchor}"><span class="number">{one.number}</span> {_safe(one.title)}</a></li>'
        for one in found
    )
    return f'<nav class="contents" aria-labelledby="contents"><h2 id="contents">Contents</h2><ol>{lines}</ol></nav>\n'


def _section(section: Section) -> str:
    title = f'<h2 id="{section.anchor}"><span class="number">{section.number}</span> {_safe(section.title)}</h2>'
    parts = "".join(_part(one) for one in section.parts)
    return f"<section>{title}{_blocks(section.blocks)}{parts}</section>\n"


def _part(part: Part) -> str:
    return f"<h3>{_safe(part.title)}</h3>{_blocks(part.blocks)}"


def _blocks(blocks: Iterable[Block]) -> str:
    return "".join(_block(one) for one in blocks)


def _block(block: Block) -> str:
    match block:
        case Text(text, look):
            found = f'<p class="{look}">{_safe(text)}</p>' if look else f"<p>{_safe(text)}</p>"
        case Bullets(items):
            found = f"<ul>{''.join(f'<li>{_safe(one)}</li>' for one in items)}</ul>" if items else ""
        case Pairs(rows):
            found = f'<table class="pairs"><tbody>{"".join(_pair(*one) for one in rows)}</tbody></table>'
        case Table():
            found = _table(block)
        case Picture():
            found = _figure(block, "plot")
        case Pictures(items):
            found = f'<div class="pictures">{"".join(_figure(one, "picture") for one in items)}</div>'
        case Form():
            found = _form(block)
    return found


def _pair(name: str, text: str, kind: str) -> str:
    return f'<tr><th scope="row">{_safe(name)}</th>{_cell(text, kind)}</tr>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col"{_class(one)}>{_safe(one.name)}</th>' for one in table.columns)
    lines = "".join(_row(one, table.columns) for one in table.rows)
    caption = f"<caption>{_safe(table.caption)}</caption>" if table.caption else ""
    return (
        f'<div class="scroll"><table class="{"long" if table.long else "short"}">{caption}'
        f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _row(cells: list[str], columns: list[Column]) -> str:
    first, *others = cells
    rest = "".join(_cell(text, one.kind) for text, one in zip(others, columns[1:], strict=True))
    return f'<tr><th scope="row">{_safe(first)}</th>{rest}</tr>'


def _cell(text: str, kind: str) -> str:
    if kind == "code":
        return f"<td><code>{_safe(text)}</code></td>"
    return f'<td class="number">{_safe(text)}</td>' if kind == "number" else f"<td>{_safe(text)}</td>"


def _class(column: Column) -> str:
    return ' class="number"' if column.kind == "number" else ""


def _figure(picture: Picture, look: str) -> str:
    data = f"data:{picture.media_type};base64,{b64encode(picture.content).decode()}"
    image = f'<img src="{data}" alt="{_safe(picture.alt)}">'
    return f'<figure class="{look}">{image}<figcaption>{_safe(picture.caption)}</figcaption></figure>'


def _form(form: Form) -> str:
    choices = "".join(f'<span class="choice"><span class="box"></span> {_safe(one)}</span>' for one in form.choices)
    lines = "".join(f'<tr><th scope="row">{_safe(one)}</th><td class="blank"></td></tr>' for one in form.fields)
    decided = f'<tr><th scope="row">Decision</th><td>{choices}</td></tr>'
    return f'<table class="form"><caption>{_safe(form.role)}</caption><tbody>{lines}{decided}</tbody></table>'
