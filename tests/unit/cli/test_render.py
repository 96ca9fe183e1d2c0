"""What the terminal says of a result: nothing hidden, nothing invented, one exact line for machines."""

from rich.console import Console

from app.cli.demo.comparison import comparison
from app.cli.exit_codes import Exit, of_audit
from app.cli.render import duration, interval, machine_line, print_estimate, print_result, print_stages


def result(verdict: str = "FAIL") -> dict[str, object]:
    return {
        "evidence_level": "verified",
        "verdict": verdict,
        "sentence": "21 of 30 people can be recognised from this model",
        "reasons": ["the lower bound 0.55 is above the budget 0.05"],
        "decides": [],
        "risk": {"value": 0.7112, "low": 0.6, "high": 0.8, "n": 30},
        "figures": {
            "verified": {"value": 0.71, "low": 0.6, "high": 0.8, "n": 30},
            "control": {"value": 0.02, "low": 0.0, "high": 0.1, "n": 30},
            "attack_accuracy_top1": {"value": 0.88, "low": 0.8, "high": 0.95, "n": 30},
        },
        "controls": {"prior": {"value": 0.02, "low": 0.0, "high": 0.1, "n": 30}},
        "stages": [{"stage": "attack", "seconds": 61.24, "peak_memory_bytes": 700 * 2**20}],
    }


def printed(document: dict[str, object]) -> str:
    console = Console(width=120, record=True, file=None, force_terminal=False)
    with console.capture() as captured:
        print_result(console, document)
    return captured.get()


def test_the_machine_line_has_the_documented_form() -> None:
    line = machine_line(result(), 212.4)
    assert line == "verdict=FAIL risk=0.71 low=0.60 high=0.80 verified=0.71 top1=0.88 control=0.02 seconds=212"


def test_a_figure_that_was_not_measured_is_na_and_never_a_number() -> None:
    document = result("INCONCLUSIVE") | {"risk": None, "figures": {}}
    assert machine_line(document, 3) == (
        "verdict=INCONCLUSIVE risk=na low=na high=na verified=na top1=na control=na seconds=3"
    )
    assert interval(None) == ("not measured", "")
    assert interval({"value": None, "n": 0}) == ("not measured", "")


def test_every_figure_is_printed_with_interval_and_n() -> None:
    text = printed(result())
    assert "FAIL  21 of 30 people" in text
    row = next(line for line in text.splitlines() if line.startswith("verified success"))
    assert row.split() == ["verified", "success", "│", "71.0", "%", "│", "60.0", "to", "80.0", "%", "│", "30"]
    assert "uncalibrated" in text
    assert "the lower bound 0.55 is above the budget 0.05" in text
    assert "61.2" in text
    assert "700" in text


def test_what_would_decide_an_inconclusive_audit_is_printed() -> None:
    document = result("INCONCLUSIVE") | {"decides": ["29 more identities"]}
    assert "would decide it: 29 more identities" in printed(document)


def test_severity_is_printed_with_the_release_plan_that_sets_it() -> None:
    assert "severity: medium; hosted" in printed(result() | {"severity": "medium", "release_plan": "hosted"})
    assert "severity: high; nobody has said" in printed(result() | {"severity": "high", "release_plan": None})
    assert "severity" not in printed(result("PASS") | {"severity": "none shown", "release_plan": "hosted"})


def test_text_from_the_server_is_never_taken_as_markup() -> None:
    document = result() | {"reasons": ["[red]class [0] has no references[/red]"]}
    assert "[red]class [0] has no references[/red]" in printed(document)


def test_the_comparison_has_a_row_a_setting() -> None:
    console = Console(width=160)
    with console.capture() as captured:
        console.print(comparison({"baseline": (result(), 40.0), "lomma": (result(), 90.0)}))
    text = captured.get()
    assert "baseline (CE)" in text
    assert "LOMMA" in text
    assert "60.0 to 80.0 %" in text


def test_exit_codes_follow_the_verdict_and_never_pass_what_did_not_finish() -> None:
    assert of_audit({"state": "succeeded", "verdict": "PASS"}) is Exit.PASS
    assert of_audit({"state": "succeeded", "verdict": "FAIL"}) is Exit.GATE_FAILED
    assert of_audit({"state": "succeeded", "verdict": "INCONCLUSIVE"}) is Exit.INCONCLUSIVE
    assert of_audit({"state": "succeeded", "verdict": None}) is Exit.INCONCLUSIVE
    assert of_audit({"state": "failed", "verdict": "PASS"}) is Exit.AUDIT_ERROR
    assert of_audit({"state": "cancelled", "verdict": None}) is Exit.AUDIT_ERROR
    assert of_audit({"state": "running", "verdict": None}) is Exit.STILL_RUNNING


def test_bits_are_not_shown_as_a_percentage() -> None:
    document = result()
    document["figures"] = {"identity_bits": {"value": 6.29, "low": 5.99, "high": 6.49, "n": 10, "unit": "bits"}}
    row = next(line for line in printed(document).splitlines() if line.startswith("identity bits"))
    assert "6.290" in row
    assert "%" not in row


def test_how_long_it_takes_is_said_in_the_largest_fitting_unit() -> None:
    assert [duration(seconds) for seconds in (44.6, 89, 90, 5399, 5400)] == ["45 s", "89 s", "2 min", "90 min", "1.5 h"]


def test_an_estimate_tells_what_can_come_out() -> None:
    console = Console(width=120)
    with console.capture() as captured:
        told = {"seconds": 600, "measured": False, "concludes": ["Not PASS: 59 are needed."]}
        print_estimate(console, told | {"setting": "lom", "prior": "pca"})
        print_estimate(console, told | {"setting": None, "prior": None})  # of an older version
    said = captured.get()
    assert "about 10 min on one worker (a first guess, for two cores without other work)" in said
    assert "  Not PASS: 59 are needed." in said
    assert said.count("setting lom, prior pca") == said.count("setting ") == 1


def test_a_running_audit_tells_how_far_its_stages_are() -> None:
    shard = {"stage": "attack", "done": 0, "total": 0}
    jobs = [
        {"stage": "prior", "state": "succeeded", "done": 4, "total": 4},
        shard | {"state": "succeeded"},
        shard | {"state": "running", "done": 30, "total": 60},
        {"stage": "score", "state": "waiting", "done": 0, "total": 0},
    ]
    console = Console(width=120)
    with console.capture() as captured:
        print_stages(console, jobs)
    said = [line.split() for line in captured.get().splitlines()]
    assert said == [["prior", "succeeded"], ["attack", "running,", "75%"], ["score", "waiting"]]
