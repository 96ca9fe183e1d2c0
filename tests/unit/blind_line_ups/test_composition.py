"""Items of a blind line-up follow from the seed, are balanced, and do not tell their answer."""

import base64
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from app.blind_line_ups.composition import Item, Kind, Person, TooFewError, compose, composition_digest
from app.blind_line_ups.pictures import Shape, address, alike_pngs
from app.blind_line_ups.schemas import LineUpItem

CANDIDATES, PEOPLE, SIDE = 6, 140, 8
CHOSEN, CHECKS = 138, 46
"""Of 140 people, 138 can be candidates of 46 controls equally often: twice each."""
SEED = "5eed"


def people(count: int, photographs: int = 3) -> list[Person]:
    return [
        Person(k, UUID(int=k), UUID(int=1000 + k), tuple(range(photographs * k, photographs * (k + 1))))
        for k in range(count)
    ]


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return compose(people(PEOPLE), candidates=CANDIDATES, most=PEOPLE, seed=SEED)


def test_the_seed_decides_everything(items: list[Item]) -> None:
    again = compose(people(PEOPLE)[::-1], candidates=CANDIDATES, most=PEOPLE, seed=SEED)
    other = compose(people(PEOPLE), candidates=CANDIDATES, most=PEOPLE, seed="other")
    assert again == items
    assert composition_digest(SEED, again) == composition_digest(SEED, items)
    assert (
        len({composition_digest(SEED, items), composition_digest("other", items), composition_digest(SEED, other)}) == 3
    )


@pytest.mark.parametrize("kind", Kind)
def test_the_answer_of_each_kind_of_item_stands_at_each_place(items: list[Item], kind: Kind) -> None:
    own = [item for item in items if item.kind is kind]
    assert len(own) == (CHOSEN if kind is Kind.RECONSTRUCTION else CHECKS)
    assert len({item.identity for item in own}) == len(own)
    for item in own:
        names = names_of(item)
        assert len(set(names)) == CANDIDATES
        assert item.answer == (0 if kind is Kind.CONTROL else 1 + names.index(item.identity))
        assert kind is not Kind.CONTROL or item.identity not in names
    places = Counter(item.answer for item in own)
    assert kind is Kind.CONTROL or max(places.values()) - min(places.values()) <= 1


@pytest.mark.parametrize("candidates", range(2, 10))
@pytest.mark.parametrize("most", [10, 13, 40])
def test_everybody_is_a_candidate_equally_often(most: int, candidates: int) -> None:
    made = compose(people(most), candidates=candidates, most=most, seed=SEED)
    photographs = Counter(name for item in made if item.kind is Kind.PHOTOGRAPH for name in names_of(item))
    others = Counter(name for item in made if item.kind is not Kind.PHOTOGRAPH for name in names_of(item))
    assert len(set(photographs.values())) == len(set(others.values())) == 1
    assert photographs.keys() == others.keys()
    kinds = Counter(item.kind for item in made)
    assert kinds[Kind.RECONSTRUCTION] == len(others) > max(candidates, most - candidates)
    assert kinds[Kind.CONTROL] == kinds[Kind.PHOTOGRAPH] >= max(candidates + 1, len(others) // 4)


def test_people_without_a_control_or_a_photograph_are_left_out() -> None:
    with_all = people(9)
    some = [replace(with_all[0], control=None), replace(with_all[1], photographs=()), *with_all[2:]]
    made = compose(some, candidates=6, most=9, seed=SEED)
    assert {name for item in made for name in names_of(item)} == set(range(2, 9))


def names_of(item: Item) -> list[int]:
    return [one.identity for one in item.candidates]


def test_the_photograph_of_an_item_is_never_that_of_a_candidate(items: list[Item]) -> None:
    pictures = {item.photograph for item in items if item.kind is Kind.PHOTOGRAPH}
    assert pictures.isdisjoint({one.photograph for item in items for one in item.candidates})


def test_most_limits_the_people_and_too_few_are_rejected() -> None:
    kinds = Counter(item.kind for item in compose(people(50), candidates=3, most=20, seed=SEED))
    assert kinds == {Kind.RECONSTRUCTION: 18, Kind.CONTROL: 6, Kind.PHOTOGRAPH: 6}
    with pytest.raises(TooFewError) as found:
        compose(people(6), candidates=6, most=40, seed=SEED)
    assert (found.value.have, found.value.need) == (6, 7)
    alone = compose(people(7, photographs=1), candidates=6, most=40, seed=SEED)
    assert Counter(item.kind for item in alone) == {Kind.RECONSTRUCTION: 7, Kind.CONTROL: 7}


@pytest.fixture(scope="module")
def shown(items: list[Item], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """All items as the API sends them, of pictures of noise."""
    rng = np.random.default_rng(0)
    path: Path = tmp_path_factory.mktemp("set") / "packed.npz"
    np.savez(path, images=rng.integers(0, 256, (3 * PEOPLE, SIDE + 4, SIDE + 4, 3), np.uint8))
    documents = []
    with path.open("rb") as file:
        for number, item in enumerate(items, 1):
            made = io.BytesIO()
            Image.fromarray(rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)).save(made, "PNG")
            places = [one.photograph for one in item.candidates]
            first = [] if item.photograph is None else [item.photograph]
            source = made.getvalue() if item.photograph is None else None
            own, *others = map(address, alike_pngs(file, [*first, *places], source, Shape(SIDE, SIDE, 3)))
            documents.append(LineUpItem(number=number, picture=own, candidates=others).model_dump())
    return documents


def png(text: str) -> bytes:
    return base64.b64decode(text.partition(",")[2])


def test_all_pictures_of_a_line_up_have_one_shape_and_no_text(shown: list[dict[str, Any]]) -> None:
    kinds = set()
    for item in shown:
        for text in (item["picture"], *item["candidates"]):
            image = Image.open(io.BytesIO(png(text)))
            kinds.add((image.size, image.mode, tuple(sorted(image.info))))
    assert kinds == {((SIDE, SIDE), "RGB", ())}


def test_the_digest_of_a_picture_does_not_find_its_reconstruction(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    made, path = io.BytesIO(), tmp_path / "packed.npz"
    Image.fromarray(pixels).save(made, "PNG")
    np.savez(path, images=pixels[None])
    with path.open("rb") as file:
        seen = [
            np.asarray(Image.open(io.BytesIO(one)))
            for one in alike_pngs(file, [0], made.getvalue(), Shape(SIDE, SIDE, 3))
        ]
    for one in seen:
        assert not (one % 2).any(), "any of 2 to the power of 192 pictures may have been the one that was digested"
        assert np.abs(one.astype(int) - pixels).max() == 1


Guess = Callable[[Mapping[str, Any], Counter[str]], int]
CHEATS: dict[str, Guess] = {
    "the first": lambda item, seen: 1,
    "the last": lambda item, seen: CANDIDATES,
    "by number": lambda item, seen: 1 + item["number"] % CANDIDATES,
    "most often shown": lambda item, seen: _best(item, lambda one: seen[one]),
    "least often shown": lambda item, seen: _best(item, lambda one: -seen[one]),
    "largest file": lambda item, seen: _best(item, len),
    "smallest file": lambda item, seen: _best(item, lambda one: -len(one)),
    "as large as the picture": lambda item, seen: _best(item, lambda one: -abs(len(one) - len(item["picture"]))),
    "first in the alphabet": lambda item, seen: _best(item, lambda one: -int.from_bytes(png(one)[-20:])),
}


def _best(item: Mapping[str, Any], key: Callable[[str], float]) -> int:
    return 1 + max(range(CANDIDATES), key=lambda place: key(item["candidates"][place]))


@pytest.mark.parametrize("cheat", CHEATS)
def test_whoever_does_not_look_at_the_pictures_guesses(
    items: list[Item], shown: list[dict[str, Any]], cheat: str
) -> None:
    assert len(shown) >= 200
    seen = Counter(one for item in shown for one in item["candidates"])
    asked = [(one, item) for one, item in zip(shown, items, strict=True) if item.kind is not Kind.CONTROL]
    hits = sum(CHEATS[cheat](one, seen) == item.answer for one, item in asked)
    chance = 1 / CANDIDATES
    assert abs(hits / len(asked) - chance) < 3 * (chance * (1 - chance) / len(asked)) ** 0.5, hits


Suspicion = Callable[[Item, Mapping[Any, int]], float]
COUNTING: dict[str, tuple[int, Suspicion]] = {
    "faces shown most often": (1, lambda item, seen: sum(seen[one] for one in combinations(sorted(names_of(item)), 1))),
    "the rarest face": (1, lambda item, seen: -min(seen[one] for one in combinations(sorted(names_of(item)), 1))),
    "faces shown together": (2, lambda item, seen: sum(seen[one] for one in combinations(sorted(names_of(item)), 2))),
}
"""How many faces are counted together, and how much an item looks like a control then."""


@pytest.mark.parametrize("cheat", COUNTING)
@pytest.mark.parametrize("with_photographs", [True, False])
def test_whoever_counts_faces_does_not_tell_controls(items: list[Item], cheat: str, *, with_photographs: bool) -> None:
    together, suspicion = COUNTING[cheat]
    counted = [item for item in items if with_photographs or item.kind is not Kind.PHOTOGRAPH]
    seen = Counter(few for item in counted for few in combinations(sorted(names_of(item)), together))
    controls = [suspicion(item, seen) for item in items if item.kind is Kind.CONTROL]
    made = [suspicion(item, seen) for item in items if item.kind is Kind.RECONSTRUCTION]
    spread = ((len(controls) + len(made) + 1) / (12 * len(controls) * len(made))) ** 0.5
    assert abs(ranked_above(controls, made) - 0.5) < 3 * spread


def ranked_above(some: Sequence[float], others: Sequence[float]) -> float:
    """Return how often one of some is above one of the others: 0.5 by chance."""
    return sum((one > other) + (one == other) / 2 for one in some for other in others) / (len(some) * len(others))
