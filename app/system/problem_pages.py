"""HTML pages that explain the kinds of problems, with one style and no scripts."""

import base64
import hashlib
import re
from html import escape
from http import HTTPStatus

from app.kit.security_headers import DATA_POLICY
from app.problem_types import TYPES, ProblemType, address

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h1{font-size:1.5rem;margin-bottom:0}h2{font-size:1rem;margin:1.5rem 0 0}p{margin:.25rem 0}"
    "code{font-family:ui-monospace,monospace;font-size:.95em}li{margin:.25rem 0}a{color:inherit}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#16181d}}"
)
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"{DATA_POLICY}; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
"""Stricter than the policy of the dashboard: only the style above is allowed."""


def type_page(code: str) -> str:
    """Return the page of one kind of problem."""
    kind = TYPES[code]
    return _page(
        kind.title,
        f"<p><code>{escape(code)}</code>{_statuses(kind)}</p>"
        f"<h2>What happened</h2><p>{_marked(kind.happened)}</p>"
        f"<h2>Why</h2><p>{_marked(kind.why)}</p>"
        f"<h2>What to do</h2><p>{_marked(kind.do)}</p>"
        '<p><a href="/problems">All kinds of problems</a></p>',
    )


def list_page() -> str:
    """Return the page with all kinds of problems."""
    items = "".join(
        f'<li><a href="{address(code)}"><code>{escape(code)}</code></a>: {escape(TYPES[code].title)}</li>'
        for code in sorted(TYPES)
    )
    return _page("Kinds of problems", f"<ul>{items}</ul>")


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} - Exhume</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )


def _statuses(kind: ProblemType) -> str:
    names = []
    for status in kind.statuses:
        phrase = f" {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else ""
        names.append(f"{status}{phrase}")
    return f", HTTP status {' or '.join(names)}" if names else ""


def _marked(text: str) -> str:
    """Escape the text and mark text in backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))
