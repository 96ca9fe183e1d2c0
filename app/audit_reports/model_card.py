"""A section for a model card, in Markdown, without names and images of people."""

from collections.abc import Iterator

from app.audit_reports.facts import Facts
from app.audit_reports.nameless import spoken
from app.audit_reports.rows import measured, moment
from app.audit_reports.sections.closing import validity_of
from app.kit.ids import public_id
from app.reports.markdown import escaped
from app.sentences import residual

LONG = 2_000


def model_card(facts: Facts) -> str:
    """Return the section. Its headings begin at the second level."""
    return "\n".join(_lines(facts)) + "\n"


def _lines(facts: Facts) -> Iterator[str]:
    result = facts.result
    yield "## Privacy: reconstruction of training images"
    yield ""
    yield _text(spoken(facts).verdict())
    yield ""
    figures = [result.risk, result.figures.get("verified"), result.figures.get("control"), result.power]
    if known := [one for one in figures if one is not None]:
        yield "| Figure | Value | 95 % interval | n |"
        yield "|---|---:|---:|---:|"
        yield from (f"| {' | '.join(_text(cell) for cell in (one.label, *measured(one)))} |" for one in known)
        yield ""
    yield f"**Residual risk.** {_text(residual.finding(facts.document, facts.noun))}"
    yield ""
    yield f"**Smallest visible leak.** {_text(residual.detection(facts.document, facts.noun))}"
    yield ""
    yield "**Access of attackers**"
    yield ""
    for one in result.threat_models:
        yield f"- {_text(one.access)} ({_text(one.needs)}): {_text(one.words)}"
    yield ""
    yield from _list("Not tested", result.not_tested)
    yield from _list("This ends when", validity_of(facts))
    yield "**Origin**"
    yield ""
    yield f"- Model: {_text(facts.title)}"
    yield f"- Digest of the audited file: `{_text(result.inputs.checkpoint)}`"
    yield f"- Audit: `{public_id('aud', facts.audit.id)}`, finished {moment(facts.audit.finished_at)}"
    yield f"- {_text(f'Exhume {result.code.exhume}')}, plan `{_text(facts.audit.plan_digest)}`"


def _list(title: str, items: list[str]) -> Iterator[str]:
    yield f"**{title}**"
    yield ""
    yield from (f"- {_text(one)}" for one in items)
    yield ""


def _text(text: str) -> str:
    return escaped(text, LONG)
