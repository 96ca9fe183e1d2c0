"""Plans: which identities are drawn, and how many images are computed in one batch."""

import pytest

from app.audits.plan import attack_options, sample, shard_size
from app.contract.engine import PRESETS, planned_effort


@pytest.mark.parametrize(
    ("attack", "effort", "size"),
    [("gmi", "standard", None), ("gmi", "quick", 20), ("kedmi", "deep", 10), ("vmi", "quick", None)],
)
def test_a_micro_batch_is_not_larger_than_a_shard(attack: str, effort: str, size: int | None) -> None:
    options = attack_options(attack, "wgan-gp", "float32", PRESETS[effort].restarts)
    assert options.get("micro_batch") == size


def test_searches_that_cost_less_have_larger_shards() -> None:
    names = ("gmi", "decoder", "warm-start", "warm-start-views", "closed-form")
    efforts = [planned_effort(name, "pca", "standard") for name in names]
    assert [(one.steps, one.restarts) for one in efforts] == [(150, 4), (150, 2), (150, 1), (150, 1), (0, 1)]
    assert [shard_size(one) for one in efforts] == [10, 10, 20, 20, 100]
    assert planned_effort("decoder", "pca", "standard", beside=names).restarts == 1, "the warm start is its second"


def test_a_smaller_sample_is_part_of_a_larger_one() -> None:
    candidates = list(range(90))
    small, large = sample(candidates, 10, 3), sample(candidates, 30, 3)
    assert len(set(large)) == 30
    assert large == sorted(large)
    assert set(small) < set(large)
    assert sample(candidates, 30, 4) != large
    assert sample(candidates, 90, 0) == candidates
