"""The report of an audit: its figures, what it hides, and what it never says."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from typing import Any, get_args

import pytest

from app.audit_reports.exposed import most_exposed
from app.audit_reports.facts import Facts, Person
from app.audit_reports.model_card import model_card
from app.audit_reports.page import Paper, page
from app.audit_reports.sections import mappings, sections
from app.contract.choices import Verdict
from app.contract.erased import placeholder
from app.contract.result.base import Figure
from app.contract.shares import exact, points, share, span
from app.contract.written import ends, value
from app.sentences.erasure import erased_in_result
from tests.unit.audit_reports import made

NUMBER = re.compile(r"[\u2212+<>]?\s?\d[\d,]*(?:\.\d+)?(?: %| points?\b)?")
HOSTILE = "<img src=x onerror=alert(1)><style>@import 'http://evil.example/x'</style>\" & \u202eevil"


class Words(HTMLParser):
    """Collects the text of a page by element, and every address in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.sources: list[str] = []
        self._skip = False
        self.feed(html)

    @property
    def text(self) -> str:
        """All text, one element a line, with ordinary spaces."""
        return "\n".join(self.texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._skip = tag == "style"
        if tag == "tr":
            self.rows.append([])
        self.sources += [found or "" for name, found in attrs if name in {"src", "href", "action", "data", "poster"}]
        self.texts += [(found or "").replace("\u00a0", " ") for name, found in attrs if name == "alt"]

    def handle_endtag(self, tag: str) -> None:
        self._skip = False

    def handle_data(self, data: str) -> None:
        data = data.replace("\u00a0", " ").strip()
        if data and not self._skip:
            self.texts.append(data)
            if self.rows:
                self.rows[-1].append(data)


def figures(document: Any) -> Iterator[dict[str, Any]]:
    """Return every figure with a label that a result has, at any depth."""
    if isinstance(document, dict):
        if {"label", "value", "low", "high", "n"} <= set(document):
            yield document
        for one in document.values():
            yield from figures(one)
    elif isinstance(document, list):
        for one in document:
            yield from figures(one)


def numbers(document: Any) -> Iterator[float | str]:
    """Return every number and text of a document."""
    if isinstance(document, dict | list):
        for one in document.values() if isinstance(document, dict) else document:
            yield from numbers(one)
        if isinstance(document, list):
            yield len(document)
    elif isinstance(document, int | float | str) and not isinstance(document, bool):
        yield document


def written(document: Any) -> set[str]:
    """Return every way in which a report may write the numbers of a document."""
    ways: set[str] = set()
    for one in numbers(document):
        if isinstance(one, str):
            ways |= {found.strip() for found in NUMBER.findall(one)}
            continue
        ways |= {f"{one:,}", f"{one:,.1f}", f"{one:,.0f}", f"{one:.4g}", value({"format": "number", "value": one})}
        ways |= {f"{one / 2**20:,.0f}"}
        if -1 <= one <= 1:
            ways |= {share(abs(one)), exact(abs(one)), points(one), points(one).split()[0]}
    return ways


def test_every_figure_of_the_document_is_in_the_report_with_interval_and_n() -> None:
    """R, controls, power, correction, judges and evaluator. Figures of the reference are words."""
    facts = made.facts()
    document = facts.result.document()
    rows = [" | ".join(row) for row in Words(page(facts)).rows]
    reference = document["power"].pop("reference")
    document["power"].pop("convinced")
    found = list(figures(document))
    assert reference
    assert len(found) > 40
    for one in found:
        cells = [value(one), ends(one), f"{one['n']:,}"]
        assert any(" | ".join(cells) in row for row in rows), one["id"]


def test_every_number_of_the_report_is_in_the_documents_of_the_api() -> None:
    facts = made.facts()
    audit, release = (json.loads(one.model_dump_json()) for one in (facts.audit, facts.release))
    people = [json.loads(one.outcome.model_dump_json()) for one in facts.people]
    document = json.loads(json.dumps(facts.result.document()))
    known = written([document, audit, release, people])
    known |= {"2026", "-03", "03", "01", "12:00", "12", "00"} | {f"P{number:03}" for number in range(6)}
    derived = {f"{1_234_567 / 40:,.1f}", "1"}  # parameters for each image; digits of pseudonyms
    text = Words(page(facts)).text.partition("Identification\n")[2].rpartition("Where this report")[0]
    text = re.sub(r"sha256:[0-9a-f]+|[a-z]{3}_[0-9a-f]{32}|\d{4}-\d\d-\d\d \d\d:\d\d|P-?\d+|Appendix A", "", text)
    text = re.sub(r"95 %|sections? [\d, and]+|section \d+", "", text)
    strange = {found.strip().rstrip(",") for found in NUMBER.findall(text)} - known - derived
    numbered = {str(number) for number in range(1, 12)}  # of sections
    assert strange - numbered == set()


def test_a_changed_figure_changes_the_report() -> None:
    """The two tests above would notice."""
    changed = made.stored()
    changed["risk"] |= {"value": 0.4321}
    assert "43.2 %" in Words(page(made.facts(changed))).text
    assert "43.2 %" not in Words(page(made.facts())).text


@pytest.mark.parametrize("verdict", get_args(Verdict))
@pytest.mark.parametrize("level", ["verified", "evaluator", "unreferenced"])
def test_no_report_says_that_a_model_holds_no_personal_data(verdict: str, level: str) -> None:
    whole = made.stored(verdict=verdict, evidence_level=level, named=[])
    if level == "unreferenced":
        whole |= {"risk": None, "power": None, "naming": None, "worst_decile": []}
    facts = made.facts(whole)
    for text in (Words(page(facts)).text, model_card(facts)):
        assert "anonym" not in text.lower()
        assert ("upper bound U = 57.7 %" in text) == (level != "unreferenced")
    assert ("None demonstrated within this budget; upper bound U = " in Words(page(facts)).text) == (
        level == "verified"
    )


@pytest.mark.parametrize(("deleted", "expected"), [(True, "deleted"), (False, "deleted after 2026-03-01 12:00 UTC")])
def test_pictures_are_said_to_be_deleted_only_once_they_are(deleted: bool, expected: str) -> None:
    rows = Words(page(made.facts(audit=made.audit(images_deleted=deleted)))).rows
    (row,) = (row for row in rows if row and row[0] == "Pictures of the reconstructions")
    assert row[1].partition(",")[0] == expected


def test_every_r_and_accuracy_in_a_comparison_has_its_interval_and_n() -> None:
    text = " | ".join(Words(page(made.facts())).texts)
    assert text.count("INCONCLUSIVE | 0 % | 0 % to 65 % | 6") == 2, "this audit and another one"
    assert text.count("100 % | 63.1 % to 100 % | 8 | 0.2") == 2
    assert "gmi baseline | 0 % | 0 % to 65 % | 6 | none shown" in text


UNJUDGED = {"risk": None, "power": None, "naming": None, "worst_decile": []}
STOPPED = {"stopped": {"code": "at_chance", "detail": "No better than guessing."}}


@pytest.mark.parametrize(
    "state",
    [
        {"evidence_level": "evaluator", "verdict": "FAIL", "naming": None},
        UNJUDGED | {"evidence_level": "unreferenced"},
        UNJUDGED | {"evidence_level": "unreferenced", "sentence": "INCONCLUSIVE: No better than guessing."} | STOPPED,
    ],
    ids=["evaluator alone", "nothing to judge by", "ended before the attack"],
)
def test_a_report_clears_nobody_if_nothing_was_verified(state: dict[str, Any]) -> None:
    text = Words(page(made.facts(made.stored(named=[], **state)))).text
    assert "No person is exposed by name." not in text
    assert "it is unknown who is exposed by name" in text
    if state["evidence_level"] == "evaluator":
        assert "could not have shown a leak" not in text, "it did show one"


def by_evaluator(number: int, **changes: Any) -> Person:
    """Return somebody whom the evaluator judged, and no verifier."""
    unjudged = dict.fromkeys(("verified", "control_verified", "similarity", "threshold", "rank", "rank_exposed"))
    outcome = made.identity(number, **unjudged | {"evaluator_top1": number == 1} | changes)
    return Person(f"P{number:03}", outcome.model_copy(update={"strength": None}))


def alone(**changes: Any) -> Facts:
    """Return an audit in which the evaluator judged alone."""
    whole = made.stored(
        named=[], evidence_level="evaluator", verdict="FAIL", naming=None, worst_decile=[], verifiers=[]
    )
    people = [by_evaluator(number) for number in range(3)]
    facts = made.facts(whole, people=0)
    result = facts.result.model_copy(update={"evaluator": None})
    return replace(facts, result=result, people=people, **changes)


def test_a_report_says_whom_the_evaluator_recognises_if_it_judged_alone() -> None:
    words = Words(page(alone()))
    assert "Nothing judged." not in words.text
    assert "The evaluator judged alone." in words.text
    assert "nothing was compared with private images" not in words.text
    assert [row[2] for row in words.rows if row and row[0] in {"P000", "P001"}] == [
        "no, by the evaluator",
        "yes, by the evaluator",
    ]
    assert "most exposed first" not in words.text, "nobody was ranked"


def test_pictures_are_those_of_whom_the_evaluator_recognises_if_it_judged_alone() -> None:
    assert most_exposed(alone()) == {made.CLASSES[1]}
    assert most_exposed(made.facts()) == {made.CLASSES[3]}, "of the worst decile"


def test_a_report_with_pictures_says_why_it_has_none() -> None:
    asked = replace(made.MADE, pictures=True, purpose="to check the finding")
    nobody = replace(alone(made=asked), people=[])
    assert "None is shown, because nobody is known to be exposed." in Words(page(nobody)).text
    for erased in (alone(made=asked), replace(made.facts(), made=asked)):  # somebody is exposed, without a picture
        assert "None is shown, because no picture of the most exposed is left." in Words(page(erased)).text
    assert "None is shown" not in Words(page(alone())).text


def test_no_bound_is_claimed_for_those_whom_an_early_end_spared() -> None:
    end = {"planned": 6, "attacked": 4, "certain": "FAIL", "bound_low": 0.2, "bound_high": 0.9, "alpha": 0.01}
    text = Words(page(made.facts(made.stored(early_end=end | {"words": "It ended early."})))).text
    assert "2 people were drawn but not attacked, because the audit ended early. No upper bound is known" in text
    assert "2 people were not drawn and not attacked. No upper bound is known" in text
    assert "The draw was random" in Words(page(made.facts())).text


def test_an_audit_that_ended_before_the_attack_claims_nothing() -> None:
    stopped = {"code": "class_order", "detail": f"Images of {made.CLASSES[0]} are labelled {made.CLASSES[1]}."}
    whole = made.stored(
        stopped=stopped, risk=None, power=None, naming=None, named=[], sentence="S: " + stopped["detail"]
    )
    text = Words(page(made.facts(whole, people=0))).text
    assert "Nothing was attacked. Attacks and queries are those of the plan." in text
    assert "The attacker was given" not in text
    assert made.CLASSES[0] not in text


def test_names_and_pictures_are_shown_only_if_asked_for() -> None:
    plain = made.facts()
    asked = replace(made.MADE, names=True, purpose="to inform the people concerned")
    named = made.facts(made=asked)
    shown = Words(page(named)).text
    hidden = "".join([page(plain), model_card(plain), model_card(named)])
    assert [name for name in made.CLASSES if name in hidden] == []
    assert [name for name in made.CLASSES[:4] if name not in shown] == []
    assert "Surnamec Given" in shown, "in a note"
    assert "to inform the people concerned" in shown
    assert "<img" in page(plain), "of the plot"
    assert "data:image/png" not in page(plain)


def test_the_note_on_an_erased_identity_is_shown() -> None:
    """Its placeholder is in place of the name of a class, and names nobody."""
    erased = placeholder()
    note = erased_in_result(erased, made.AT)
    facts = made.facts(made.stored(notes=[note]), release=made.release(classes=[erased, *made.CLASSES[1:]]))
    assert note in Words(page(facts)).text


def test_texts_of_users_are_shown_as_they_are_and_nothing_is_fetched() -> None:
    audit = made.audit(declaration=HOSTILE, declared_by=HOSTILE, requested_by=HOSTILE)
    audit.release.target_name = HOSTILE
    audit.public_dataset.name = HOSTILE
    plain, facts = (
        made.facts(),
        made.facts(audit=audit, made=replace(made.MADE, by=HOSTILE, names=True, purpose=HOSTILE)),
    )
    found, expected = Words(page(facts)), Words(page(plain))
    assert set(found.tags) == set(expected.tags)
    assert found.tags.count("style") == found.tags.count("title") == 1
    assert {one.partition(":")[0] for one in found.sources if not one.startswith("#")} == {"data"}
    assert "onerror=alert(1)" in found.text
    assert "\u202e" not in page(facts)
    assert "<img" not in model_card(facts)


def test_every_section_is_there_and_every_mapping_points_at_one() -> None:
    found = sections(made.facts())
    assert [one.number for one in found] == [*(str(number) for number in range(1, 12)), "A", "B"]
    known = {one.number for one in found}
    stored = mappings.stored()
    expected = {"edpb-opinion-28-2024", "eu-ai-act-2024-1689", "nist-ai-rmf-1.0", "owasp-aisvs-1.0-c11"}
    assert {one.id for one in stored} == expected
    assert {number for one in stored for entry in one.entries for number in entry.sections} <= known
    assert all(one.notice == "not legal advice" for one in stored)
    text = Words(page(made.facts())).text
    assert "Not legal advice." in text
    assert "Check them against the published text." in text
    assert text.count("in November 2026") == len(stored)
    clauses = {one.id: {entry.clause.split()[0].strip(",") for entry in one.entries} for one in stored}
    assert clauses["owasp-aisvs-1.0-c11"] == {"C11.1", "C11.2", "C11.2.2", "C11.2.5", "C11.3", "C11.4"}
    assert "Data-protection officer" in Words(page(made.facts())).text


@pytest.mark.parametrize("paper", get_args(Paper))
def test_the_page_has_the_size_that_was_asked_for(paper: Paper) -> None:
    html = page(made.facts(), paper)
    assert f"size: {'A4' if paper == 'a4' else 'Letter'}" in html
    assert 'lang="en"' in html
    assert all('alt=""' not in one and "alt=" in one for one in re.findall(r"<img[^>]*>", html))


def test_people_beyond_the_first_thousand_are_counted() -> None:
    whole = made.stored(coverage={"planned": 1203, "scored": 1203, "classes": 1203, "every_class": True})
    rows = Words(page(made.facts(whole, people=1003))).rows
    assert sum(row[0].startswith("P") and row[0].endswith("-TEST") for row in rows if row) == 1001  # one in the tail
    assert "203 people more are in the API" in Words(page(made.facts(whole, people=1003))).text


def test_the_decision_and_its_end_are_named() -> None:
    from tests.unit.gate.cases import decided, result

    decision = decided(result()).model_copy(update={"until": datetime(2027, 1, 2, tzinfo=made.AT.tzinfo)})
    text = Words(page(made.facts(decision=decision))).text
    assert "passes the policy strict, version 1" in text
    assert "runs out on 2027-01-02" in text


def test_a_figure_writes_itself_as_the_terminal_does() -> None:
    figure = Figure.of("risk", {"value": 0.246, "low": 0.192, "high": 0.304, "n": 300}, made.facts().noun)
    assert ends(figure.model_dump()) == span(0.192, 0.304)


def test_a_report_names_every_device_that_computed_the_audit() -> None:
    cpu, gpu = {"device": "cpu", "processor": "EPYC"}, {"device": "cuda", "gpu": "NVIDIA H100", "processor": "Xeon"}
    one = {"hardware": gpu, "stages": ["attack"], "searches": [], "nondeterministic": []}
    other = one | {"hardware": cpu, "stages": ["prepare", "verify"]}
    text = Words(page(made.facts(made.stored(hardware=gpu, machines=[one, other])))).text
    assert "cuda, NVIDIA H100, Xeon (attack); cpu, EPYC (prepare, verify)" in text
    assert "cuda, NVIDIA H100, Xeon\n" in Words(page(made.facts(made.stored(hardware=gpu, machines=[one])))).text
