"""Every number in a sentence template comes from the facts that the template was given.

The facts use unique numbers, so that a constant or another fact's number in a sentence is found.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from app import sentences
from app.contract.nouns import NOUNS
from app.contract.shares import points, share
from app.sentences import (
    about,
    blind_line_up,
    comparison,
    erasure,
    estimate,
    honesty,
    missing_verifiers,
    people,
    references,
    regression,
    residual,
    validity,
    verdict,
)
from app.sentences import deciding as steps
from app.sufficiency.deciding import Known, Step, deciding
from app.sufficiency.evidence_needed import Sensitivity
from tests.unit.audits.test_sentences import FACTS, FIT, POWER, RISK

FIXED = re.compile(
    r"95 % (?:interval|lower|upper|bounds?)|(?:one-sided )95 %|at 1 % false matches|finds at least 50 %"
    r"|100 \w+ give about 10 points either way at 50 %, 300 give 6, 1,000 give 3|LPIPS and Inception FID"
)
"""Numbers that belong to a method, not to a result."""
NUMBER = re.compile(r"[<>]? ?[+\u2212]?\d[\d,]*(?:\.\d+)?(?: %| points?\b)?")
NOUN, WHO = NOUNS["person"], about.About(power=POWER, missing=("ada",))
SIZES = {"needed": 71, "more": 41, "audited": 30, "classes": 83, "referenced": 67, "sensitivity": 0.87, "budget": 0.05}
STEP_FACTS: dict[str, dict[str, Any]] = {
    "fix_below_floor": FIT,
    "complete_references": {"missing": 3},
    "add_verifiers": {"have": 1},
    "more_effort": {"power": 0.21, "convinced": 0.33},
    "other_prior_or_attack": {"power": 0.21, "convinced": 0.77},
    **dict.fromkeys(("more_identities", "more_identities_fail", "no_more_identities", "too_few_identities"), SIZES),
    "other_budget": SIZES | {"offered": 0.13},
}
BEFORE = Known(classes=22, referenced=22, audited=22, budget=0.05, sensitivity=Sensitivity(0.87, 90))
ENOUGH = Known(classes=90, referenced=90, audited=90, budget=0.05, sensitivity=Sensitivity(0.87, 90))
MOMENT = datetime(2026, 11, 29, tzinfo=UTC)
DIFFERENCE = {"value": -0.045, "low": -0.11, "high": 0.012}


Case = tuple[Any, str | Sequence[str] | None]
"""The facts and the sentences about them."""


def cases() -> Iterator[tuple[str, Case]]:
    """Every template with facts."""
    for code, facts in FACTS.items():
        yield f"verdict.reason.{code}", ([facts, POWER], verdict.reason(code, facts, WHO))
    for code in steps.STEPS:
        facts = STEP_FACTS.get(code, {})
        lacking = facts["needed"] - facts["referenced"] if "needed" in facts else 0
        yield f"deciding.step.{code}", ([facts, lacking], steps.step(Step(code, facts), WHO))
    yield "deciding.steps", ([asdict(BEFORE), drawn(BEFORE)], steps.steps(deciding(BEFORE), WHO)[0])
    for known in (BEFORE, ENOUGH):
        for kind in NOUNS:
            lines = estimate.conclusions(known, kind)
            yield f"estimate.conclusions.{known.audited}.{kind}", ([asdict(known), drawn(known)], lines)
    for state in references.STOPS:
        yield f"references.stop.{state}", (FIT, references.stop(FIT | {"state": state}))
    control = {"name": "nearest-public", "value": 7 / 30}
    said = verdict.sentence(
        "FAIL", evidence="verified", hits=26, n=30, control=control, risk=RISK, budget=0.05, about=WHO
    )
    yield "verdict.sentence", ([RISK, 26, 7, 0.05], said)
    yield "verdict.controlled", ([control, 7, 30], verdict.controlled(control, 30, WHO))
    yield "verdict.corrected", (RISK, verdict.corrected(RISK))
    yield "verdict.stopped_sentence", (FIT, verdict.stopped_sentence("INCONCLUSIVE", references.stop(FIT)))
    yield "verdict.unjudged_sentence", (5, verdict.unjudged_sentence("INCONCLUSIVE", 5, WHO, references=False))
    yield "verdict.reasons", ([], [*verdict.reasons([], WHO)[0]])
    bounds, shown = {"upper": 0.04, "budget": 0.05}, replace(WHO, power={"bound_low": 0.5})
    passed = verdict.reason("upper_below_budget", bounds, shown)
    yield "verdict.reason.pass", ([bounds, 0.5, 0.08], passed)
    yield "about.by_verifiers", (5, about.by_verifiers(5))
    yield "about.with_interval", (RISK, about.with_interval(RISK))
    yield "about.reference_model", (POWER, about.reference_model(POWER["reference"]))
    yield "about.knows", (POWER, about.knows(POWER["reference"]["figures"]))
    yield "deciding.missed", (SIZES, steps.missed(SIZES))
    yield "honesty.bounds", ([], honesty.bounds(NOUN))
    yield (
        "honesty.sampling",
        ([10, 22, 0.1, 0.4], honesty.sampling(NOUN, audited=10, of=22, referenced=22, alone=(0.1, 0.4))),
    )
    yield "honesty.threat_model", (RISK, honesty.threat_model("GMI, +LOM", attacks=1, tested=True, risk=RISK))
    ended = {"attacked": 37, "planned": 74, "certain": "FAIL", "bound_low": 0.36, "bound_high": 0.7}
    ended |= {"alpha": 0.001, "budget": 0.05}
    yield "honesty.early_end", ([ended, 0.999], honesty.early_end(ended, NOUN))
    note = honesty.severity_note("none shown for the share", named=2, lower=0.012, kind="person", noun=NOUN)
    yield "honesty.severity_note", ([2, 0.012, honesty.SHOWN_ABOVE], note)
    yield "honesty.meaning", ([], honesty.meaning("object", NOUNS["object"]))
    whom = {"audited": 30, "left": 9, "power": True, "attacked": True}
    left = honesty.not_tested(NOUN, access="white-box", attacks=["gmi"], twin={"n": 8}, **whom)
    yield "honesty.not_tested", ([22, 9], left)
    yield "erasure.erased_in_result", ([2026, 11, 29], erasure.erased_in_result("somebody", MOMENT))
    said = erasure.erased_in_set("somebody", 73, MOMENT, "unknown")
    yield "erasure.erased_in_set", ([73, 2026, 11, 29], said)
    for recognised in (23, 0):
        told = blind_line_up.confirmed(recognised, 11, 7)
        yield f"blind_line_up.confirmed.{recognised}", ([recognised, 11, 7], told)
    yield "people.strangers", ([2, 11], people.strangers(["x", "y"], 11, "staff"))
    yield "people.too_many_strangers", ([2, 3], people.too_many_strangers(["x", "y"], 3, "staff"))
    yield "people.respelled", ([], people.respelled([("Jose", "JOSE")], "staff"))
    yield "references.at_chance", (FIT, references.at_chance(FIT))
    yield "references.class_order", (FIT, references.class_order(FIT))
    yield "references.input_convention", (FIT, references.input_convention(FIT))
    yield "references.numbers", (FIT, references.numbers(FIT["conventions"][1]))
    yield "references.below_floor", (FIT, references.below_floor(FIT))
    yield "references.blind_verifier", ([0.02, 90], references.blind_verifier("a", 0.02, 90))
    yield "references.poor_verifier", ([0.11, 0.5], references.poor_verifier("a", 0.11, 0.5))
    yield "references.unmeasured_verifier", ([], references.unmeasured_verifier("a"))
    yield "references.too_few_verifiers", (1, references.too_few_verifiers(1, evaluator=True))
    yield "references.missing_training_images", (2, references.missing_training_images(["x", "y"]))
    yield (
        "regression.against",
        ([DIFFERENCE, 21, 3], regression.against("7", DIFFERENCE, shared=21, newly=3, noun=NOUN).replace("7:", ":")),
    )
    for seconds, uploaded, chosen in ((420.0, 0, 0), (None, 1, 1), (None, 3, 0)):
        lacking = missing_verifiers.Lacking("", "faces", seconds, uploaded, chosen, people=17, pictures=190)
        yield f"missing_verifiers.missing.{uploaded}", ([asdict(lacking), 7], missing_verifiers.missing(lacking))
    counts = {"shared": 21, "newly": 3, "no_longer": 2}
    for shift in (0.0, 0.5, -0.5):
        moved = {name: value + shift for name, value in DIFFERENCE.items()}
        yield (
            f"comparison.compared.{shift}",
            ([moved, *counts.values()], comparison.compared(moved, **counts, noun=NOUN)),
        )
    yield "comparison.incomparable", ([], comparison.incomparable([comparison.other_verifiers()]))
    yield "comparison.not_verified", ([], comparison.not_verified())
    yield "comparison.nothing_learned", ([], comparison.nothing_learned())
    yield "comparison.other_verifiers", ([], comparison.other_verifiers())
    yield "comparison.other_gallery", ([1], comparison.other_gallery())
    yield "comparison.other_private_size", ([74, 1211, 1], comparison.other_private_size(74, 1211, NOUN))
    yield "comparison.nobody_shared", ([], comparison.nobody_shared(NOUN))
    yield from of_reports()
    yield "regression.nothing_comparable", ([], regression.nothing_comparable())
    yield "regression.nothing_earlier", ([], regression.nothing_earlier())
    yield "regression.nobody_shared", (7, regression.nobody_shared("7", NOUN))


def of_reports() -> Iterator[tuple[str, Case]]:
    """Templates that only reports use."""
    coverage, named = {"classes": 83, "scored": 30}, [{"name": "ada"}, {"name": "bob"}]
    risk = RISK | {"bound_low": 0.66, "bound_high": 0.97, "n": 30, "correction": None}
    whole: dict[str, Any] = {"stopped": None, "evidence_level": "verified", "verdict": "FAIL", "named": named}
    whole |= {"risk": risk, "power": POWER | {"bound_low": 0.81}, "coverage": coverage}
    for low in (0.66, 0.0):
        told = whole | {"risk": risk | {"bound_low": low}}
        yield f"residual.finding.{low}", ([told, 2], residual.finding(told, NOUN))
    yield (
        "residual.finding.nobody",
        (whole, residual.finding(whole | {"named": [], "risk": risk | {"bound_low": 0}}, NOUN)),
    )
    yield "residual.finding.evaluator", (whole, residual.finding(whole | {"evidence_level": "evaluator"}, NOUN))
    passed = whole | {"verdict": "PASS", "risk": risk | {"bound_high": 0.04}}
    yield "residual.detection", ([passed, 0.04 / 0.81], residual.detection(passed, NOUN))
    weak = whole | {"power": POWER | {"bound_low": 0.0}}
    yield "residual.detection.weak", (weak, residual.detection(weak, NOUN))
    yield "residual.smallest", ([0.04, 0.81, 0.04 / 0.81], residual.smallest(0.04, 0.81, NOUN))
    yield "residual.unnamed", ([], residual.unnamed(whole, NOUN))
    outside = residual.left_out(whole, NOUN, attacked=30, planned=30, eligible=67)
    yield "residual.left_out", ([whole, 67 - 30, 83 - 67], outside)
    ended = residual.left_out(whole, NOUN, attacked=15, planned=30, eligible=67)
    yield "residual.left_out.early", ([whole, 30 - 15, 67 - 30, 83 - 67], ended)
    yield "residual.capacity", ([9_000, 450, 20.0], residual.capacity(9_000, 450))
    ending = validity.ends(digest="sha256:", until=datetime(2026, 3, 1, tzinfo=UTC), plan="hosted", access="labels")
    yield "validity.ends", ([2026, "03", "01"], [line.replace("sha256", "").replace("-", " ") for line in ending])
    yield "validity.for_deployers", (777, validity.for_deployers(NOUN, queries=777))


def drawn(known: Known) -> list[Any]:
    """Return the sentences on what can decide the audit."""
    bound = estimate.zero_hit_bound(known.audited, known.sensitivity)
    return [bound, estimate.fewest_for_pass(known.budget, known.sensitivity), *(one.facts for one in deciding(known))]


def leaves(facts: Any) -> Iterator[float | str]:
    """Return every number and text of the facts."""
    if is_dataclass(facts) and not isinstance(facts, type):
        facts = asdict(facts)
    if isinstance(facts, Mapping):
        for one in facts.values():
            yield from leaves(one)
    elif isinstance(facts, str):
        yield facts
    elif isinstance(facts, Sequence):
        for one in facts:
            yield from leaves(one)
    elif isinstance(facts, int | float) and not isinstance(facts, bool):
        yield facts


def written(facts: Any) -> set[str]:
    """Return every way in which the numbers of the facts may be written."""
    ways: set[str] = set()
    for one in leaves(facts):
        if isinstance(one, str):
            ways |= {found.strip() for found in NUMBER.findall(one)}
            continue
        ways |= {f"{one:,}", f"{one:.4g}", f"{one:.1f}", str(one)}
        if -1 <= one <= 1:
            ways |= {share(abs(one)), share(1 - abs(one)), points(one)}
    return ways


def strange(facts: Any, said: str | Sequence[str] | None) -> set[str]:
    """Return the numbers of the sentences that are not among the facts."""
    lines = [said] if isinstance(said, str) else list(said or [])
    found = {match.strip() for line in lines for match in NUMBER.findall(FIXED.sub("", line))}
    return {one.rstrip(",") for one in found} - written(facts)


@pytest.mark.parametrize(("name", "case"), list(cases()), ids=[name for name, _ in cases()])
def test_every_number_is_a_fact(name: str, case: Case) -> None:
    facts, said = case
    assert strange(facts, said) == set(), said


def test_a_number_from_elsewhere_is_found() -> None:
    facts = {"accuracy": 0.142, "classes": 90}
    assert strange(facts, "14.2 % of 90 classes") == set()
    assert strange(facts, "14.3 % of 90 classes, R +2 points") == {"14.3 %", "+2 points"}


def test_no_template_is_left_out() -> None:
    """Every public function that makes sentences is among the cases."""
    tried = {".".join(name.split(".")[:2]) for name, _ in cases()}
    public: set[str] = set()
    for module in iter_modules(sentences.__path__):
        functions: dict[str, Callable[..., Any]] = dict(
            inspect.getmembers(import_module(f"{sentences.__name__}.{module.name}"), inspect.isfunction)
        )
        public |= {
            f"{module.name}.{name}"
            for name, function in functions.items()
            if not name.startswith("_") and function.__module__ == f"{sentences.__name__}.{module.name}"
        }
    assert public - tried == set()
