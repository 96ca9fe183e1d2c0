"""Names of settings, priors and attacks for display."""

from collections.abc import Iterable

from app.contract.choices import PriorChoice, Setting

SETTINGS: dict[Setting, str] = {"baseline": "baseline", "lom": "+LOM", "ma": "+MA", "lomma": "LOMMA"}
PRIORS: dict[PriorChoice, str] = {"trained": "trained prior", "pca": "PCA prior", "built-in": "built-in prior"}
ATTACKS: dict[str, str] = {
    "decoder": "Decoder",
    "warm-start": "Warm start",
    "warm-start-views": "Warm start with views",
    "closed-form": "Closed form",
    "miface": "MIFace",
}
"""Names that are not simply upper-case."""
WITHOUT_PRIOR = "miface"


def attack_label(name: str, setting: Setting, prior: PriorChoice) -> str:
    """Return a label such as `GMI, LOMMA, trained prior`.

    A setting or prior that only a newer server knows is named as it is.
    """
    of_prior = [] if name == WITHOUT_PRIOR else [PRIORS.get(prior, prior)]
    return ", ".join([ATTACKS.get(name, name.upper()), SETTINGS.get(setting, setting), *of_prior])


def portfolio_label(attacks: Iterable[tuple[str, Setting, PriorChoice]]) -> str:
    """Return one label for several attacks, by name, setting and prior.

    Attacks with the same setting and prior share these: `Decoder and Warm start, +LOM, PCA prior`.
    Others are separated by semicolons.
    """
    groups: dict[str, list[str]] = {}
    for name, setting, prior in attacks:
        first, *rest = attack_label(name, setting, prior).split(", ", 1)
        groups.setdefault("".join(rest), []).append(first)
    return "; ".join(", ".join([_listed(names), *filter(None, [rest])]) for rest, names in groups.items())


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
