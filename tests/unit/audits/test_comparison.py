"""Two results are equal if verdict and R are. Every other difference is listed."""

from typing import Any

import pytest

from app.audits.comparison import Measured, changed, compared, expected
from app.contract.result import Result
from tests.results import RESULT

FAIL = Measured("FAIL", 0.99, 0.9, 1.0)


@pytest.mark.parametrize(
    ("again", "images_equal", "outcome", "words"),
    [
        (FAIL, True, "exact", "Every reconstruction"),
        (FAIL, False, "same_verdict", "within the 95 % interval"),
        (Measured("FAIL", 0.95, 0.85, 0.99), False, "same_verdict", "within the 95 % interval"),
        (
            Measured("FAIL", 0.0, 0.0, 0.1),
            True,
            "different",
            "99 % (90 % to 100 %) in the original and 0 % (0",
        ),
        (Measured("FAIL", 0.95, 0.85, 0.98), False, "different", "outside the interval of the replay"),
        (Measured("FAIL", 0.85, 0.5, 1.0), False, "different", "outside the interval of the original"),
        (Measured("FAIL", None, None, None), False, "different", "only one of the two"),
        (Measured("PASS", 0.99, 0.9, 1.0), True, "different", "changed from FAIL to PASS"),
    ],
)
def test_same_means_the_same_verdict_and_r_within_the_interval(
    again: Measured, images_equal: bool, outcome: str, words: str
) -> None:
    found, said = compared(FAIL, again, images_equal=images_equal)
    assert found == outcome
    assert words in said


def test_without_r_the_verdict_alone_is_compared() -> None:
    nothing = Measured("INCONCLUSIVE", None, None, None)
    assert compared(nothing, nothing, images_equal=True)[0] == "exact"
    assert compared(nothing, nothing, images_equal=False)[0] == "same_verdict"
    assert compared(nothing, FAIL, images_equal=True)[0] == "different"


def with_inputs(**inputs: Any) -> Result:
    return Result.load(RESULT | {"inputs": RESULT["inputs"] | inputs})


def test_changed_inputs_are_listed_and_so_are_those_that_were_not_recorded() -> None:
    before, after = with_inputs(private="sha256:a"), with_inputs(private="sha256:b", prior_source="reused")
    assert changed(before, after) == ["inputs.private: sha256:a -> sha256:b"]
    assert changed(with_inputs(private=None), after) == ["inputs.private: not recorded by the original -> sha256:b"]
    slow, fast = (Result.load(RESULT | {"hardware": {"cpu": cpu}}) for cpu in ("x", "y"))
    assert changed(slow, fast) == ["hardware.cpu: x -> y"]


CPU = {"device": "cpu", "processor": "EPYC", "torch": "2.13.0", "threads": 4}
H100 = {"device": "cuda", "gpu": "H100", "driver": "570.1", "torch": "2.13.0", "threads": 4}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (H100, H100, "exact"),
        (H100, H100 | {"images_at_once": 20}, "same_verdict"),
        (H100, H100 | {"precision": "tf32"}, "same_verdict"),
        (H100, H100 | {"precision": "float32"}, "exact"),
        (H100, H100 | {"cuda_graphs": True}, "same_verdict"),
        (H100, H100 | {"driver": "575.2"}, "same_verdict"),
        (H100, H100 | {"gpu": "T4"}, "same_verdict"),
        (H100, {"device": "cpu", "torch": "2.13.0"}, "same_verdict"),
        (H100, H100 | {"nondeterministic": ["grid_sampler_2d_backward_cuda"]}, "same_verdict"),
        ({}, {}, "same_verdict"),
    ],
)
def test_the_same_bits_are_expected_on_the_same_device_and_software_alone(
    before: dict[str, Any], after: dict[str, Any], found: str
) -> None:
    assert expected(*(Result.load(RESULT | {"hardware": hardware}) for hardware in (before, after))) == found


def on(*machines: tuple[dict[str, Any], dict[str, Any]]) -> Result:
    """Return a result whose stages ran on these machines, the first of which attacked."""
    plain = {"stages": ["attack"], "searches": [{"attack": 0}], "nondeterministic": []}
    found = [plain | {"hardware": hardware} | more for hardware, more in machines]
    return Result.load(RESULT | {"hardware": machines[0][0], "machines": found})


ONCE, TWICE = {"attack": 0, "images_at_once": 40}, {"attack": 1, "images_at_once": 80}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([(H100, {})], [(H100, {})], "exact"),
        ([(H100, {}), (CPU, {})], [(H100, {})], "same_verdict"),
        ([(H100, {})], [(H100, {}), (CPU, {"stages": ["prepare"], "searches": []})], "same_verdict"),
        ([(H100, {}), (CPU, {})], [(H100, {}), (CPU, {})], "same_verdict"),
        ([(H100, {"nondeterministic": ["bilinear"]})], [(H100, {})], "same_verdict"),
        ([(H100, {"searches": [ONCE, TWICE]})], [(H100, {"searches": [TWICE, ONCE]})], "exact"),
        ([(H100, {"searches": [ONCE, TWICE]})], [(H100, {"searches": [ONCE]})], "same_verdict"),
        (
            [(H100, {"searches": [ONCE, ONCE | {"precision": "tf32"}]})],
            [(H100, {"searches": [ONCE]})],
            "same_verdict",
        ),
        (
            [(H100, {"searches": [ONCE, TWICE | {"attack": 0}]})],
            [(H100, {"searches": [ONCE, TWICE | {"attack": 0}]})],
            "same_verdict",
        ),
    ],
)
def test_the_same_bits_are_expected_if_one_kind_of_device_computed_everything_in_one_way(
    before: list[Any], after: list[Any], found: str
) -> None:
    assert expected(on(*before), on(*after)) == found
    assert expected(on(*after), on(*before)) == found


def test_an_older_result_is_compared_by_the_device_of_its_attack() -> None:
    older = Result.load(RESULT | {"hardware": H100})
    assert expected(older, on((H100, {}))) == "exact"
    assert expected(older, on((H100, {}), (CPU, {}))) == "same_verdict"
    assert expected(older, on((CPU, {}))) == "same_verdict"


def test_devices_of_other_stages_are_among_the_changes() -> None:
    mixed = on((H100, {}), (CPU, {"stages": ["prepare", "verify"]}))
    assert changed(mixed, on((H100, {}))) == ["machines: EPYC (prepare, verify); H100 (attack) -> H100 (attack)"]
    assert changed(mixed, mixed) == []
    assert changed(on((H100, {})), on((H100, {"stages": ["attack", "verify"]}))) == [], "one device each"
