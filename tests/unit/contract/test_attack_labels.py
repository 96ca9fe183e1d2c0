"""Labels of attacks, one by one and as a portfolio."""

import pytest

from app.contract.attack_labels import attack_label, portfolio_label
from app.contract.choices import PriorChoice, Setting

One = tuple[str, Setting, PriorChoice]
DECODER: One = ("decoder", "lom", "pca")
WARM: One = ("warm-start", "lom", "pca")
VIEWS: One = ("warm-start-views", "lom", "pca")
GMI: One = ("gmi", "lomma", "trained")
MIFACE: One = ("miface", "baseline", "trained")


@pytest.mark.parametrize(
    ("attacks", "label"),
    [
        ([GMI], "GMI, LOMMA, trained prior"),
        ([DECODER, WARM], "Decoder and Warm start, +LOM, PCA prior"),
        (
            [DECODER, WARM, VIEWS, GMI],
            "Decoder, Warm start and Warm start with views, +LOM, PCA prior; GMI, LOMMA, trained prior",
        ),
        ([MIFACE, GMI], "MIFace, baseline; GMI, LOMMA, trained prior"),
    ],
)
def test_attacks_with_the_same_setting_and_prior_share_them(attacks: list[One], label: str) -> None:
    assert portfolio_label(attacks) == label
    assert portfolio_label(attacks[:1]) == attack_label(*attacks[0])
