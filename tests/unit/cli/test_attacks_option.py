"""`--attacks gmi,kedmi`: names of attacks, separated by commas."""

import pytest
import typer

from app.cli.arguments import attack_names


def test_names_keep_their_order() -> None:
    assert attack_names("kedmi, gmi") == ["kedmi", "gmi"]


@pytest.mark.parametrize("value", ["gmi,", "gmi;kedmi", "GMI", ""])
def test_an_unknown_attack_is_rejected_with_the_list_of_attacks(value: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"is not an attack\. The attacks are decoder, warm-start, "):
        attack_names(value)
