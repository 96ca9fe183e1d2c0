"""Names of settings, priors and attacks for display."""

from app.contract.choices import PriorChoice, Setting

SETTINGS: dict[Setting, str] = {"baseline": "baseline", "lom": "+LOM", "ma": "+MA", "lomma": "LOMMA"}
PRIORS: dict[PriorChoice, str] = {"trained": "trained prior", "pca": "PCA prior", "built-in": "built-in prior"}
WITHOUT_PRIOR = "miface"


def attack_label(name: str, setting: Setting, prior: PriorChoice) -> str:
    """Return a label such as `GMI, LOMMA, trained prior`."""
    return ", ".join([name.upper(), SETTINGS[setting], *([] if name == WITHOUT_PRIOR else [PRIORS[prior]])])
