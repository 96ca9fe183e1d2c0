"""Markdown for job summaries and comments on a change."""

import re
from collections.abc import Iterator

from app.contract.decision import Decision
from app.reports.findings import waiver_sentence
from app.reports.place import Place
from app.reports.text import NAME, plain, web_address

LARGEST = 60_000
"""GitHub rejects a comment above 65,536 characters."""
NAMES_SHOWN = 50
FIGURES_SHOWN = 20
WAIVERS_SHOWN = 20
LEFT_OUT = "The figures are left out because this summary would be too long. See the JSON report."
INLINE = re.compile(r"([\\`*\[\]~|]|(?<!\w)_|_(?!\w)|:(?=//)|(?<=www)\.)", re.IGNORECASE)
"""Characters that begin markup, a link or a picture anywhere in a line."""
LINE_START = re.compile(r"^(?=[-+#=/])|(?<=^\d)(?=[.)](?:\s|$))|(?<=^\d\d)(?=[.)](?:\s|$))")
"""Where a heading, a list, or a command of GitLab would begin."""
MENTION = re.compile(r"([@#])")
WORD_JOINER = "\u2060"
WORDS = {"not_asked": "not asked"}


def render(decision: Decision, place: Place) -> bytes:
    """Return the outcome, what to do, every rule, the waivers, the figures and the origin."""
    short = [_headline(decision), *_names(decision), _rules(decision), *_waivers(decision)]
    figures, origin = "\n".join(_figures(decision)), _origin(decision)
    whole = "\n\n".join([*short, *([figures] if figures else []), origin])
    if len(whole) > LARGEST:
        whole = "\n\n".join([*short, LEFT_OUT, origin])
    return (whole + "\n").encode()


def escaped(text: str, limit: int = NAME) -> str:
    """Return text that Markdown shows as it is: no markup, links, pictures, mentions or HTML."""
    safe = plain(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = INLINE.sub(r"\\\1", MENTION.sub(rf"\1{WORD_JOINER}", safe))
    return LINE_START.sub(r"\\", safe)


def _headline(decision: Decision) -> str:
    release = f"{escaped(decision.release.target)}:{escaped(decision.release.version)}"
    lines = [f"## Exhume: {decision.outcome.upper()} for {release}", escaped(decision.sentence, 1_000)]
    if decision.next_step:
        lines.append(f"**Next step:** {escaped(decision.next_step, 1_000)}")
    return "\n\n".join(lines)


def _names(decision: Decision) -> Iterator[str]:
    if decision.names:
        shown = ", ".join(escaped(name, 100) for name in decision.names[:NAMES_SHOWN])
        more = len(decision.names) - NAMES_SHOWN
        yield f"**Exposed by name:** {shown}" + (f" and {more:,} more" if more > 0 else "")
    elif decision.exposed:
        yield f"**Exposed by name:** {decision.exposed:,} (the policy keeps names out of reports)"


def _rules(decision: Decision) -> str:
    rows = [
        f"| {rule.id} {escaped(rule.name)} | {WORDS.get(rule.outcome, rule.outcome)} | {escaped(rule.reason, 500)} |"
        for rule in decision.rules
    ]
    return "\n".join(["| Rule | Outcome | Reason |", "| --- | --- | --- |", *rows])


def _waivers(decision: Decision) -> Iterator[str]:
    lines = [
        f"* {rule.id}: {escaped(waiver_sentence(waiver), 700)}"
        for rule in decision.rules
        for waiver in rule.waivers[:WAIVERS_SHOWN]
    ]
    if lines:
        yield "\n".join(["**Waivers**", "", *lines])


def _figures(decision: Decision) -> Iterator[str]:
    rows = [
        f"| {rule.id} | {escaped(figure.label)} | {escaped(figure.text, 300)} |"
        for rule in decision.rules
        for figure in rule.figures[:FIGURES_SHOWN]
    ]
    if rows:
        yield from ("<details><summary>Figures</summary>", "", "| Rule | Figure | Value |", "| --- | --- | --- |")
        yield from (*rows, "", "</details>")


def _origin(decision: Decision) -> str:
    audit = escaped(decision.audit)
    if url := web_address(decision.url):
        audit = f"[{audit}](<{url}>)"
    until = f", valid until {decision.until:%Y-%m-%d %H:%M %Z}" if decision.until else ""
    return (
        f"Checkpoint `{decision.release.digest}`. Policy {escaped(decision.policy.name)} version "
        f"{decision.policy.version}. Audit {audit}, decided {decision.at:%Y-%m-%d %H:%M %Z}{until}. "
        f"Engine {escaped(decision.engine)}."
    )
