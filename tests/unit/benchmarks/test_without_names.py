"""Verifiers trained without names are judged on characters that they have not seen."""

from __future__ import annotations

import numpy as np

from bench.truth.without_names import JUDGED, images
from worker.bundled.omniglot import PRIVATE_ALPHABETS


def test_nothing_is_trained_or_chosen_on_the_judged_characters() -> None:
    trained, (judged, numbers) = images()
    assert not set(JUDGED) & set(PRIVATE_ALPHABETS), "the views were chosen on the private alphabets"
    assert (len(trained), len(judged), len(np.unique(numbers))) == (2980, 1860, 93)
    known = {one.tobytes() for one in trained}
    assert sum(one.tobytes() in known for one in judged) == 0
