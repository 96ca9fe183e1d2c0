"""A packed set without some identities is what it would be had they never been in it."""

import io

import numpy as np
import pytest

from app.datasets.packed import PackedError, read_contents, read_image
from app.datasets.repacking import labels_of, places_of, without
from worker.intake.set_contents import contents_of

LABELS = np.array([0, 1, 2, 2, 1, 0, -1, 3, 3, 1])
HELD_OUT = np.arange(10) % 2 == 1


@pytest.mark.parametrize("sides", [(8, 8), (6, 4, 3)])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_identities_that_are_kept_are_unchanged(sides: tuple[int, ...], save: object) -> None:
    images = np.random.default_rng(1).integers(0, 256, (10, *sides), dtype=np.uint8)
    packed, again = io.BytesIO(), io.BytesIO()
    save(packed, images=images, labels=LABELS, split=np.where(HELD_OUT, "held-out", "train"))  # type: ignore[operator]
    again.write(b"".join(without(packed, {1, 3})))
    kept = ~np.isin(LABELS, [1, 3])
    again.seek(0)
    found = np.load(again)
    assert (found["images"] == images[kept]).all()
    assert found["labels"].tolist() == [0, 1, 1, 0, -1]
    assert read_contents(again) == contents_of(images[kept], found["labels"], HELD_OUT[kept])
    assert np.array_equal(np.asarray(read_image(again, 1)), images[2])
    assert places_of(labels_of(packed), {1, 3}) == [1, 4, 7, 8, 9]


def test_a_set_that_is_cut_off_is_not_packed_again() -> None:
    packed = io.BytesIO()
    np.savez(packed, images=np.zeros((2, 4, 4), np.uint8), labels=np.zeros(3, np.int64), split=np.array(["train"] * 2))
    with pytest.raises(PackedError):
        b"".join(without(packed, {7}))
