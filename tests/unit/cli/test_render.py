"""Results in the terminal are complete and exact, with one machine-readable line."""

from collections.abc import Callable
from typing import Any

import pytest

from app.cli.demo.comparison import print_comparison
from app.cli.figures import rows
from app.cli.listing import print_audits
from app.cli.render import machine_line, print_result, regression_line
from app.cli.running import print_estimate, print_place, print_stages, print_state
from app.cli.terminal import Terminal
from app.contract.exit_codes import Exit, of_audit
from app.contract.written import ends, value
from app.sentences import references as words
from tests.unit.cli.answering import AUDIT, Answering


def share(number: float, low: float, high: float, label: str = "", order: int = 0) -> dict[str, Any]:
    figure = {"value": number, "low": low, "high": high, "n": 30, "unit": "share of people", "format": "share"}
    return figure | ({"label": label, "order": order} if label else {})


def result(verdict: str = "FAIL", **other: Any) -> dict[str, Any]:
    return {
        "evidence_level": "verified",
        "verdict": verdict,
        "sentence": f"{verdict}: 21 of 30 people recognised by both verifiers.",
        "reasons": ["The lower bound is above the budget."],
        "decides": [],
        "risk": share(0.7112, 0.6, 0.8, "risk R"),
        "figures": {
            "control": share(0.02, 0.0, 0.125, "strongest control", 20),
            "attack_accuracy_top1": share(0.88, 0.8, 0.95, "attack accuracy, top-1 (uncalibrated)", 40),
            "verified": share(0.71, 0.6, 0.8, "recognised by every verifier", 10),
        },
        "controls": {"prior": share(0.02, 0.0, 0.125, "generator samples", 100)},
        "stages": [{"stage": "attack", "seconds": 61.24, "peak_memory_bytes": 700 * 2**20}],
        **other,
    }


def printed(show: Callable[..., None], *arguments: Any) -> str:
    console = Terminal()
    with console.capture() as captured:
        show(console, *arguments)
    return captured.get()


def of_result(**other: Any) -> str:
    return printed(print_result, result(**other))


def test_the_machine_line_has_the_documented_form() -> None:
    line = machine_line(result(), 212.4)
    assert line == "verdict=FAIL risk=0.71 low=0.60 high=0.80 verified=0.71 top1=0.88 control=0.02 seconds=212"


def test_a_figure_that_was_not_measured_is_na_and_never_a_number() -> None:
    document = result("INCONCLUSIVE") | {"risk": None, "figures": {}}
    assert machine_line(document, 3) == (
        "verdict=INCONCLUSIVE risk=na low=na high=na verified=na top1=na control=na seconds=3"
    )
    assert (value(None), ends(None)) == ("not measured", "")
    assert (value({"value": None, "n": 0}), ends({"value": None})) == ("not measured", "")


def test_figures_stand_in_the_order_of_the_document_with_its_labels() -> None:
    assert [name for name, _ in rows(result())] == [
        "risk R",
        "recognised by every verifier",
        "strongest control",
        "attack accuracy, top-1 (uncalibrated)",
        "control: generator samples",
    ]


def test_every_figure_is_printed_with_interval_and_n_in_one_form() -> None:
    text = of_result()
    assert "FAIL  21 of 30 people recognised by both verifiers." in text
    cells = {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in table(text)}
    assert cells["risk R"] == ["71.1 %", "60 % to 80 %", "30"]
    assert cells["recognised by every verifier"] == ["71 %", "60 % to 80 %", "30"]
    assert cells["strongest control"] == ["2 %", "0 % to 12.5 %", "30"]
    assert "The lower bound is above the budget." in text
    assert "61.2" in text
    assert "700" in text


def table(text: str) -> list[list[str]]:
    return [line.split("│") for line in text.splitlines() if "│" in line]


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (
            {"value": -0.045, "low": -0.1, "high": 0.0001, "format": "difference"},
            "−4.5 points (−10 to 0 points)",
        ),
        ({"value": -0.0001, "low": -0.0, "high": 0.0, "format": "difference"}, "0 points (0 to 0 points)"),
        ({"value": 6.29, "low": 5.994, "high": 6.49, "format": "bits"}, "6.290 (5.994 to 6.490)"),
        ({"value": -0.0001, "low": -0.0004, "high": 0.0, "format": "number"}, "0.000 (0.000 to 0.000)"),
        ({"value": 0.029, "low": -0.0044, "high": 0.06, "format": "number"}, "0.029 (−0.004 to 0.060)"),
        ({"value": 0.02, "low": 0.01, "high": 0.03, "format": "difference"}, "+2 points (+1 to +3 points)"),
        ({"value": -0.0, "low": -0.0, "high": 0.0003, "format": "share"}, "0 % (0 % to < 0.1 %)"),
        ({"value": 0.125, "low": 0.9999, "high": 1.0}, "12.5 % (> 99.9 % to 100 %)"),
    ],
)
def test_a_figure_is_written_by_its_format_and_never_as_minus_zero(figure: dict[str, Any], expected: str) -> None:
    assert f"{value(figure)} ({ends(figure)})" == expected


def test_what_would_decide_an_inconclusive_audit_is_printed() -> None:
    assert "would decide it: 29 more people" in of_result(decides=["29 more people"])


def test_severity_is_printed_with_the_release_plan_that_sets_it() -> None:
    assert "severity: medium; release plan hosted" in of_result(severity="medium", release_plan="hosted")
    assert "severity: high; no release plan given; set one with --release-plan" in of_result(
        severity="high", release_plan=None
    )
    assert "severity" not in of_result(severity="none shown", release_plan="hosted")
    noted = of_result(severity="none shown for the share", severity_note="2 people are named.", release_plan=None)
    assert "  severity: none shown for the share\n    2 people are named.\n" in noted


def test_a_name_is_printed_with_how_stable_it_is_and_how_many_names_are_wrong() -> None:
    named = [
        {"name": "Ada", "restarts": {"recognised": 3, "of": 4}, "seeds": {"named": 2, "of": 3}},
        {"name": "Bob", "restarts": {"recognised": 1, "of": 4}, "seeds": None},
        {"name": "Cyd"},
        *({"name": f"Person {number}"} for number in range(20)),
    ]
    lines = of_result(named=named, naming={"expected_false": 1.15, "named_earlier_only": ["Dan"]}).splitlines()
    at = next(number for number, line in enumerate(lines) if "exposed by name" in line)
    assert lines[at] == "  exposed by name: 23 (up to 1.1 of them expected to be wrong)"
    assert lines[at + 1] == "    Ada: recognised in 3 of 4 restarts, named in 2 of 3 runs with another seed"
    assert lines[at + 2] == "    Bob: recognised in 1 of 4 restarts"
    assert lines[at + 3] == "    Cyd"
    assert lines[at + 13] == "    and 11 more"
    assert lines[at + 14] == "  named by earlier runs with another seed, not by this one: Dan"
    unknown = of_result(named=[{"name": "Ada"}], naming=None)
    assert "exposed by name: 1\n" in unknown, "older results do not say how many names are wrong"


def test_twin_and_power_have_their_intervals() -> None:
    rate = {"value": 0.875, "low": 0.5, "high": 0.99}
    reference = {"words": "a reference model without defences, shipped with Exhume"}
    power = rate | {"reference": reference}
    text = of_result(twin={"n": 8, "q": {"value": 0.0, "low": 0.0, "high": 0.369}, "p": rate}, power=power)
    assert "twin, trained without 8 of them: recognised 0 % (0 % to 36.9 %) there, 87.5 % (50 % to 99 %) here" in text
    assert f"power: the same plan reaches R 87.5 % (50 % to 99 %) on {reference['words']}\n" in text


NAMES = sorted(map(str, range(90)))


def fit(state: str, **other: Any) -> dict[str, Any]:
    accuracy = {"value": 0.144, "low": 0.08, "high": 0.23, "n": 90}
    return {"accuracy": accuracy, "guessing": 1 / 90, "floor": 0.5, "classes": 90, "state": state, **other}


def tried(accuracy: float, name: str = "as declared", mean: float = 0.5) -> dict[str, Any]:
    return {"name": name, "convention": {"mean": [mean], "std": [58.4], "channel_order": "RGB"}, "accuracy": accuracy}


def order(convention: str = "as declared") -> dict[str, Any]:
    examples = [{"pictures_of": "20", "labelled_as": "2", "share": 0.97}]
    found = {"displaced": 77, "accuracy": 0.98, "examples": examples, "suggested": NAMES}
    return found | {"convention": convention, "is": "sorted as text"}


def stopped(document: dict[str, Any]) -> str:
    """Return the output for an audit that ended before the attack."""
    detail = words.stop(document)
    early = {"code": document["state"], "detail": detail}
    empty = result("INCONCLUSIVE", risk=None, figures={}, controls={}, stopped=early, fit=document)
    return printed(
        print_result, empty | {"sentence": f"INCONCLUSIVE: {detail}", "reasons": [detail], "notes": [detail]}
    )


def test_the_fit_of_a_trained_model_is_one_line() -> None:
    said = "  fit: the model labels 14.4 % (8 % to 23 %) of its private training images as declared, guessing 1.1 %: "
    assert said + "as a trained model does" in of_result(fit=fit("trained"))
    assert said + "a PASS needs more than 50 %" in of_result(fit=fit("below_floor"))


def test_an_audit_that_ended_early_prints_the_recognised_order_and_what_to_do() -> None:
    text = stopped(fit("class_order", order=order(), conventions=[tried(0.144)]))
    assert text.count("images of 20 are labelled 2") == 1
    assert text.count("Correct the order of the class names and upload the release again.") == 1
    assert "in the recognised order it labels 98 %; 77 names are in another place" in text
    assert 'classes: ["0", "1", "10", "11", "12", ' in text
    assert "(90 names; all of them: fit.order.suggested of --json)" in text
    assert "convention:" not in text
    assert "risk R" in text
    assert "not measured" in text


def test_an_order_that_fits_on_a_line_is_printed_to_be_pasted() -> None:
    few = order() | {"suggested": ["José", "Ada"]}
    assert '  classes: ["José", "Ada"]\n' in of_result(fit=fit("class_order", order=few, conventions=[tried(0.1)]))


def test_an_input_convention_that_fits_better_is_printed_to_be_pasted() -> None:
    conventions = [tried(0.144), tried(0.88, "pixels from 0 to 255", 123.675)]
    right = 'convention: {"mean": [123.675], "std": [58.4], "channel_order": "RGB"}'
    text = stopped(fit("input_convention", order=None, conventions=conventions))
    assert "  with as declared: 14.4 %" in text
    assert "  with pixels from 0 to 255: 88 %" in text
    assert right in text
    both = stopped(fit("class_order", order=order("pixels from 0 to 255"), conventions=conventions))
    assert right in both
    assert "classes: [" in both


def test_notes_are_printed() -> None:
    assert "  note: 12 images had 16 bits a channel and were cut to 8." in of_result(
        notes=["12 images had 16 bits a channel and were cut to 8."]
    )


def test_a_regression_is_printed_in_the_words_of_the_document() -> None:
    regression = {"sentence": "Against release 1: R is the same.", "same_references": True}
    assert regression_line(regression) == regression["sentence"]
    assert regression_line({"reason": "no earlier audit", "sentence": None}) == ""
    sentence = regression_line(regression | {"same_references": False})
    assert sentence.startswith("Against release 1: R is the same. The private images or their labels are not the same")


def test_the_comparison_has_a_row_a_setting() -> None:
    text = printed(print_comparison, {"baseline": (result(), 40.0), "lomma": (result(), 90.0)})
    assert "baseline (CE)" in text
    assert "LOMMA" in text
    assert "60 % to 80 %" in text
    assert "strongest control" in text


def test_exit_codes_follow_the_verdict_and_never_pass_what_did_not_finish() -> None:
    assert of_audit({"state": "succeeded", "verdict": "PASS"}) is Exit.PASS
    assert of_audit({"state": "succeeded", "verdict": "FAIL"}) is Exit.GATE_FAILED
    assert of_audit({"state": "succeeded", "verdict": "INCONCLUSIVE"}) is Exit.INCONCLUSIVE
    assert of_audit({"state": "succeeded", "verdict": None}) is Exit.INCONCLUSIVE
    assert of_audit({"state": "failed", "verdict": "PASS"}) is Exit.AUDIT_ERROR
    assert of_audit({"state": "cancelled", "verdict": None}) is Exit.AUDIT_ERROR
    assert of_audit({"state": "running", "verdict": None}) is Exit.STILL_RUNNING


def test_a_portfolio_has_a_line_for_each_attack_and_one_attack_none() -> None:
    share = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 30, "format": "share"}
    found = {"label": "GMI, LOMMA, trained prior", "verified": share, "risk": share, "added": 15, "minutes": 2.04}
    unjudged = {"label": "KEDMI, LOMMA, PCA prior", "verified": None, "risk": None, "added": None, "minutes": 1.0}
    said = of_result(attacks=[found, unjudged])
    line = "attack GMI, LOMMA, trained prior: recognised 50 % (40 % to 60 %), R 50 % (40 % to 60 %), adds 15"
    assert f"{line} to those before it, 2.0 min" in " ".join(said.split())
    assert "attack KEDMI, LOMMA, PCA prior: 1.0 min" in said
    assert "attack GMI" not in of_result(attacks=[found])


def test_an_estimate_tells_what_can_come_out() -> None:
    estimate = {"seconds": 600, "measured": False, "concludes": ["PASS is not possible: 68 people are needed."]}
    said = printed(print_estimate, estimate | {"attacks": ["Decoder, +LOM, PCA prior"]})
    said += printed(print_estimate, estimate)  # from an older version
    command = {"purpose": "Train two", "command": "exhume verifier train faces.zip"}
    missing = {"sentence": "No verifiers for images of 64x64x3.", "commands": [command]}
    lacking = printed(print_estimate, estimate | {"missing_verifiers": missing})
    assert "No verifiers for images of 64x64x3." in lacking
    assert "Train two: exhume verifier train faces.zip" in lacking
    both = ["GMI, LOMMA, trained prior", "KEDMI, LOMMA, trained prior"]
    said += printed(print_estimate, estimate | {"attacks": both})
    assert "attack 1: GMI, LOMMA, trained prior" in said
    assert "attack 2: KEDMI, LOMMA, trained prior" in said
    assert "about 10 min on one worker (a first estimate, for two idle cores)" in said
    assert "  PASS is not possible: 68 people are needed." in said
    assert said.count("attack: Decoder, +LOM, PCA prior") == said.count("attack: ") == 1


def test_an_estimate_tells_when_the_audit_would_start() -> None:
    estimate = {"seconds": 720, "measured": True, "concludes": []}
    queue = {"ahead": 3, "elsewhere": 2, "starts_in_seconds": 1800.0, "workers": 2}
    cases = {
        "starts in about 30 min, after work of 3 other audits, 2 of them in other projects": queue,
        "starts in about 30 min, after work of 1 other audit\n": queue | {"ahead": 1, "elsewhere": 0},
        "after work of 1 other audit in another project\n": queue | {"ahead": 1, "elsewhere": 1},
        "starts at once": queue | {"starts_in_seconds": 0.0},
        "after 3 other audits, 2 of them in other projects; the time until then cannot be": queue
        | {"starts_in_seconds": None},
        "\nthe start cannot be estimated\n": queue | {"ahead": 0, "elsewhere": 0, "starts_in_seconds": None},
        "no worker is running; it starts when one does": queue | {"workers": 0},
    }
    for line, place in cases.items():
        assert line in printed(print_estimate, estimate | {"queue": place}), line


def test_a_running_audit_tells_how_far_its_stages_are() -> None:
    shard = {"stage": "attack", "done": 0, "total": 0}
    jobs = [
        {"stage": "prior", "state": "succeeded", "done": 4, "total": 4},
        shard | {"state": "succeeded"},
        shard | {"state": "running", "done": 30, "total": 60},
        {"stage": "score", "state": "waiting", "done": 0, "total": 0},
    ]
    said = [line.split() for line in printed(print_stages, jobs).splitlines()]
    assert said == [["prior", "succeeded"], ["attack", "running,", "75", "%"], ["score", "waiting"]]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ((2, 1, 754.0, 1), ["2 audits are ahead of it, 1 of them in other projects", "starts in about 13 min"]),
        ((1, 0, None, 0), ["1 audit is ahead of it", "no worker is running; it starts when one does"]),
        ((1, 1, 0.0, 1), ["1 audit is ahead of it, in another project"]),
        ((0, 0, 0.0, 2), []),
    ],
)
def test_a_waiting_audit_says_what_is_ahead(place: tuple[int, int, float | None, int], said: list[str]) -> None:
    names = ("ahead", "elsewhere", "starts_in_seconds", "workers")
    assert printed(print_place, dict(zip(names, place, strict=True))).splitlines() == said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("queued", "is waiting for a worker."),
        ("running", "is running."),
        ("cancelling", "is being cancelled. Running stages stop at their next checkpoint."),
        ("cancelled", "was cancelled. There is no verdict."),
        ("failed", "failed. There is no verdict."),
    ],
)
def test_an_audit_without_a_result_says_where_it_stands(state: str, said: str) -> None:
    job = {"stage": "verify", "done": 0, "total": 0, "state": "cancelled", "estimate_seconds": 60, "started_at": None}
    audit = Answering(state=state, verdict=None, named="door").audit()
    text = printed(print_state, audit, [job, job | {"state": "failed" if state == "failed" else "waiting"}])
    assert text.startswith(f"Audit {AUDIT} of door:{audit['release']['version']} {said}\n")
    assert ("About 60 s left" in text) is (state == "running")
    assert ("verify     failed" in text) is (state == "failed")
    assert ("stage_failed: Stage attack of door failed." in text) is (state == "failed")


def test_the_list_of_audits_names_the_model_and_writes_shares_in_one_form() -> None:
    text = printed(print_audits, [Answering(named="door", verdict="FAIL").audit()])
    (row,) = table(text)
    assert [cell.strip() for cell in row] == [
        *(AUDIT, "door:1", "succeeded", "FAIL", "71.1 %", "60 % to 80 %"),
        *("GMI and Decoder, +LOM, PCA prior", "2026-11-23 22:00"),
    ]
    unfinished = printed(print_audits, [Answering(state="running", verdict=None).audit()])
    assert [cell.strip() for cell in table(unfinished)[0]][3:6] == ["", "", ""]
