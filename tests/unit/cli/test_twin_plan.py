"""The plan of a twin is deterministic, and its training list contains no replaced person."""

from pathlib import Path

import pytest

from app.cli.twin_plan import TwinPlanError, replacements, training_list

PEOPLE = [f"person {n}" for n in range(20)]
OTHERS = [f"other {n}" for n in range(30)]


def test_pairs_are_seeded_and_distinct() -> None:
    pairs = replacements(PEOPLE, OTHERS, 8, seed=3)
    assert pairs == replacements(PEOPLE[::-1], OTHERS[::-1], 8, seed=3)
    assert pairs != replacements(PEOPLE, OTHERS, 8, seed=4)
    assert len({one["identity"] for one in pairs}) == len({one["stand_in"] for one in pairs}) == 8
    assert {one["identity"] for one in pairs} <= set(PEOPLE)
    assert {one["stand_in"] for one in pairs} <= set(OTHERS)


@pytest.mark.parametrize(("count", "others", "said"), [(21, OTHERS, "the audit has 20"), (5, OTHERS[:4], "stand-ins")])
def test_too_few_people_are_reported(count: int, others: list[str], said: str) -> None:
    with pytest.raises(TwinPlanError, match=said):
        replacements(PEOPLE, others, count, seed=0)


def test_the_list_keeps_counts_and_exchanges_pictures(tmp_path: Path) -> None:
    for name, count in {"train/ada": 3, "train/bob": 2, "others/eve": 2}.items():
        (tmp_path / name).mkdir(parents=True)
        for at in range(count):
            (tmp_path / name / f"{at}.png").touch()
    rows = list(training_list(tmp_path / "train", tmp_path / "others", [{"identity": "ada", "stand_in": "eve"}]))
    of_ada = [Path(file) for label, file, *_ in rows if label == "ada"]
    assert [file.parent.name for file in of_ada] == ["eve"] * 3
    assert [file.name for file in of_ada] == ["0.png", "1.png", "0.png"]
    assert [(label, shows) for label, _, shows in rows] == [("ada", "eve")] * 3 + [("bob", "bob")] * 2
    with pytest.raises(TwinPlanError, match="no folder for cyd"):
        list(training_list(tmp_path / "train", tmp_path / "others", [{"identity": "cyd", "stand_in": "eve"}]))
