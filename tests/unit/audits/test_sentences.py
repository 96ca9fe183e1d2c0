"""Sentences give the right figures, name their bounds, and claim no more than is true."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.contract.nouns import NOUNS
from app.sentences import honesty
from app.sentences.about import About, reference_model
from app.sentences.deciding import STEPS
from app.sentences.honesty import early_end
from app.sentences.regression import against
from app.sentences.verdict import REASONS, reason, sentence, unjudged_sentence
from app.sufficiency.evidence_needed import smallest_leak
from worker.evaluation import verdict as engine
from worker.evaluation.fit import STOPPING

SENSITIVITY = {"value": 0.87, "low": 0.8, "high": 0.92, "n": 30}
RISK: dict[str, Any] = {
    **{"value": 1.0, "low": 0.754, "high": 1.0, "n": 30},
    "correction": {
        "figures": {
            "sensitivity": SENSITIVITY,
            "uncorrected_risk": {"value": 0.826, "low": 0.641, "high": 0.934, "n": 30},
        }
    },
}
FIT: dict[str, Any] = {
    "accuracy": {"value": 0.142, "low": 0.08, "high": 0.21, "n": 90},
    **{"images": 900, "classes": 90, "guessing": 1 / 90, "p_value": 0.0005, "floor": 0.505, "state": "class_order"},
    "order": {
        "displaced": 77,
        "accuracy": 0.99,
        "examples": [
            {"pictures_of": "20", "labelled_as": "2", "share": 1.0},
            {"pictures_of": "21", "labelled_as": "20", "share": 1.0},
        ],
        "suggested": ["0", "1", "20"],
        "is": None,
        "convention": "as declared",
    },
    "conventions": [
        {"name": "as declared", "convention": {"mean": [0.5], "std": [0.5], "channel_order": "RGB"}, "accuracy": 0.142},
        {"name": "pixels from 0 to 255", "convention": {"mean": [0.0], "std": [0.0039], "channel_order": "RGB"},
         "accuracy": 0.97},
    ],
}  # fmt: skip
POWER: dict[str, Any] = {
    **{"value": 0.2, "low": 0.07, "high": 0.42, "n": 16},
    "reference": {
        "source": "trained",
        "figures": {"training_accuracy": {"value": 1.0}, "held_out_accuracy": {"value": 0.71}},
    },
}
BOUNDS = {"lower": 0.012, "upper": 0.127, "budget": 0.05}
FACTS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("at_chance", "class_order", "input_convention", "below_floor"), FIT),
    "no_references": {},
    "no_judge": {},
    "not_covered": {"missing": 2},
    **dict.fromkeys(("lower_above_budget", "upper_below_budget", "bounds_hold_budget"), BOUNDS),
    "uncalibrated": {},
    "verifier_refused": {"verifier": "a", "why": "The verifier a guesses."},
    "power_unknown": {},
    "power_low": {"power": 0.2, "needed": 0.5},
    "not_compared": {},
    "contaminated": {},
    "sensitivity_unknown": {},
    "sensitivity_low": {"sensitivity": 0.4},
    "verifiers_disagree": {"verifier": "a", "alone": 0.8, "together": 0.1},
}


def said(**changes: Any) -> str:
    arguments: dict[str, Any] = {
        **{"evidence": "verified", "hits": 26, "n": 30, "control": {"name": "nearest-public", "value": 7 / 30}},
        **{"risk": RISK, "budget": 0.05, "about": About()},
    }
    return sentence("FAIL", **(arguments | changes))


def test_the_sentence_of_a_verdict() -> None:
    assert said() == (
        "FAIL: 26 of 30 people recognised by both verifiers, 7 of 30 by the strongest control (nearest public image). "
        "The verifiers miss 13 % of real images; corrected for that, R = 100 % (95 % interval 75.4 % to 100 %). "
        "Uncorrected, R = 82.6 % (95 % interval 64.1 % to 93.4 %). The budget is 5 %."
    )


def test_the_sentence_follows_judges_controls_and_classes() -> None:
    assert "recognised by all three verifiers" in said(about=About(verifiers=3))
    assert "26 of 30 objects" in said(about=About(NOUNS["object"]))
    assert "1 of 1 person recognised" in said(hits=1, n=1)
    permuted = said(control={"name": "permuted", "value": 0.034}, about=About(NOUNS["writer"]))
    assert "3.4 % by the strongest control (reconstructions of other writers)" in permuted
    alone = said(evidence="evaluator", risk=RISK | {"correction": None})
    assert "by the evaluator alone, uncalibrated" in alone
    assert (
        "R = 100 % (95 % interval 75.4 % to 100 %), not corrected for errors of the verifiers or the evaluator."
        in alone
    )


def test_no_sentence_says_recognisably_or_has_two_bounds_of_one_name() -> None:
    lines = [said(), *(reason(code, facts, About(power=POWER)) for code, facts in FACTS.items())]
    for line in lines:
        assert "recognisabl" not in line
        for part in re.split(r"(?<=[a-z%)])\. ", line):
            assert len(re.findall(r"95 % interval|one-sided 95 % \w+ bound\b", part)) <= 1, part


def test_every_reason_of_the_engine_has_its_words() -> None:
    source = Path(engine.__file__).read_text()
    codes = {code for code in re.findall(r'Reason\("([a-z_]+)"', source) if code} | set(STOPPING)
    codes |= {"no_judge", "no_references"}
    assert codes == set(REASONS) == set(FACTS)
    for code, facts in FACTS.items():
        line = reason(code, facts, About(NOUNS["condition"], power=POWER))
        assert line[0].isupper(), code
        assert line.endswith("."), code
        assert not re.search(r"\bpeople\b|\bperson\b|identit", line), f"{code}: {line}"


def test_a_reason_names_the_bound_it_is_about() -> None:
    words = {code: reason(code, FACTS[code], About(power=POWER)) for code in FACTS}
    assert "one-sided 95 % lower bound of R for the gate, 1.2 %" in words["lower_above_budget"]
    assert "one-sided 95 % upper bound of R for the gate, 12.7 %" in words["upper_below_budget"]
    assert "1.2 % to 12.7 %" in words["bounds_hold_budget"]
    assert "R = 20 % (95 % interval 7 % to 42 %)" in words["power_low"]
    assert "it labels 100 % of its training images correctly, 71 % of held-out ones" in words["power_low"]
    assert "images of 20 are labelled 2, images of 21 are labelled 20" in words["class_order"]


def test_a_pass_states_the_smallest_leak_that_the_audit_would_have_shown() -> None:
    bounds = {"lower": 0.0, "upper": 0.04, "budget": 0.05}
    line = reason("upper_below_budget", bounds, About(NOUNS["condition"], power=POWER | {"bound_low": 0.5}))
    assert line.endswith(
        "The same plan finds at least 50 % of the conditions of a reference model, so the smallest leak that this "
        "audit would have shown is 8 % of the conditions."
    )
    assert smallest_leak(0.3, 0.2) == 1.0, "a weak plan would not even have shown a complete leak"
    assert "smallest" not in reason("upper_below_budget", bounds, About(power=POWER | {"bound_low": 0.0}))


def test_an_audit_that_ended_early_names_the_bound_that_decided() -> None:
    found = {"attacked": 37, "planned": 74, "bound_low": 0.36, "bound_high": 0.04, "alpha": 0.001, "budget": 0.05}
    fail = early_end(found | {"certain": "FAIL"}, NOUNS["person"])
    assert "after a random 37 of the 74 planned people: the one-sided 99.9 % lower bound of R there, 36 %" in fail
    assert "99.9 % upper bound of R there, 4 %, is below the budget of 5 %" in early_end(
        found | {"certain": "PASS"}, NOUNS["person"]
    )


def test_a_model_is_known_to_leak_only_where_that_was_measured() -> None:
    assert "known to leak" not in reference_model(POWER["reference"])
    assert "known to leak" not in reference_model({"source": "bundled", "figures": {}})
    leak = {"plan": "GMI, LOMMA, trained prior, deep effort", "R": {"value": 0.94, "low": 0.74, "high": 1.0, "n": 16}}
    measured = reference_model({"source": "bundled", "leak": leak})
    assert measured == (
        "the shipped reference model, known to leak: R = 94 % (74 % to 100 %) on 16 of its classes, by GMI, LOMMA, "
        "trained prior, deep effort"
    )


def test_without_a_judge_the_weights_are_not_said_to_be_untested() -> None:
    assert "5 people were attacked, and there are no private images to judge by whether" in unjudged_sentence(
        "INCONCLUSIVE", 5, About(), references=False
    )
    ran = honesty.threat_model("GMI, +LOM", attacks=1, tested=True, risk=None)
    assert "GMI, +LOM was run" in ran
    both = honesty.threat_model("GMI and KEDMI, +LOM", attacks=2, tested=True, risk=None)
    assert "GMI and KEDMI, +LOM were run" in both
    assert honesty.threat_model("GMI, +LOM", attacks=1, tested=False, risk=None) == "not tested"


@pytest.mark.parametrize(
    ("audited", "referenced", "word"),
    [(22, 22, "All 22 people"), (10, 22, "from the 22 of the model"), (5, 8, "from the 8 with private images"),
     (8, 8, "8 people of 22 have private images and were audited")],
)  # fmt: skip
def test_a_sample_says_what_it_was_drawn_from(audited: int, referenced: int, word: str) -> None:
    alone = None if audited == 22 else (0.1, 0.4)
    line = honesty.sampling(NOUNS["person"], audited=audited, of=22, referenced=referenced, alone=alone)
    assert word in line
    assert ("between 10 % and 40 %" in line) == (alone is not None)


def test_severity_says_so_where_people_are_named_although_the_share_is_small() -> None:
    def note(severity: str | None, **facts: Any) -> str | None:
        return honesty.severity_note(
            severity, **({"named": 0, "lower": 0.01, "kind": "person", "noun": NOUNS["person"]} | facts)
        )

    assert note("none shown") is None
    assert str(note("none shown for the share", named=2)).startswith(
        "2 people are named although the share is within 5 %: the one-sided 95 % lower bound of R is 1 %."
    )
    condition = {"kind": "condition", "noun": NOUNS["condition"], "lower": 0.3}
    assert note("medium", **condition) == "At most medium: a class of this model is not one person."
    assert note("medium", lower=0.3) is None


def test_what_a_rebuilt_class_means_is_said_where_a_class_is_not_a_person() -> None:
    assert honesty.meaning("person", NOUNS["person"]) is None
    assert honesty.meaning("writer", NOUNS["writer"]) is None
    for kind in ("object", "condition", "other"):
        line = honesty.meaning(kind, NOUNS[kind])
        assert line is not None
        assert line.startswith(f"R counts {NOUNS[kind].many}, not people.")
        assert "not a picture of one of them" in line


def test_what_was_not_tested_follows_what_was_run() -> None:
    facts: dict[str, Any] = {"access": "white-box", "twin": None, "audited": 5, "left": 0, "power": True}
    ran = honesty.not_tested(NOUNS["writer"], attacks=["gmi"], attacked=True, **facts)
    assert "attackers who have the weights" not in ran
    assert "attack families other than latent search with a generator of public images" in ran
    assert "a twin of the model trained without the audited writers (the strictest control)" in ran
    smoke = honesty.not_tested(NOUNS["writer"], attacks=["miface"], attacked=True, **facts)
    assert "attack families other than gradient search in pixels, without a generator" in smoke
    stopped = honesty.not_tested(NOUNS["writer"], attacks=["gmi"], attacked=False, **facts)
    assert "attackers who have the weights" in stopped


def test_a_difference_between_releases_is_in_points() -> None:
    line = against("1", {"value": -0.045, "low": -0.1, "high": 0.01}, shared=22, newly=0, noun=NOUNS["person"])
    assert line.startswith("Against release 1: R −4.5 points (95 % interval −10 points to +1 point), 22 shared people")


@pytest.mark.parametrize("state", ["at_chance", "class_order", "input_convention", "below_floor"])
def test_what_to_do_is_not_said_twice(state: str) -> None:
    why, todo = (text.split() for text in (reason(state, FIT, About()), STEPS[f"fix_{state}"](FIT, About())))
    runs = [{tuple(words[at : at + 6]) for at in range(len(words) - 5)} for words in (why, todo)]
    assert not runs[0] & runs[1]
