"""Upgrades of stored results. Pure functions on JSON documents.

Version 1 of the document has only grown, so each function adds the fields that one version of the
program added. Added values are null, empty, or follow from the rest of the document.
"""

from collections.abc import Callable, Mapping
from typing import Any

from app.contract.attack_labels import attack_label
from app.contract.engine import POWER_NEEDED
from app.contract.figures import labelled_again
from app.contract.nouns import Noun
from app.contract.shares import points
from app.contract.upgrades.plan import upgraded as upgraded_plan

Document = dict[str, Any]
IDENTITY = Noun("identity", "identities")
AT_CHANCE = "no better than guessing among"
"""Part of a sentence in older results: the model is at chance on its training images."""


def with_intake_and_comparison(result: Document) -> Document:
    """Add the intake of the checkpoint and the comparison with the previous release."""
    return {"intake": None, "regression": None, "gallery": None} | result


def with_codes(result: Document) -> Document:
    """Add codes, the kind of classes, and the checks before the attack.

    Before, every class was a person.
    """
    added = {
        "reason_codes": [code_of(line, "at_chance") for line in result["reasons"]],
        "decide_codes": [code_of(line, "fix_at_chance") for line in result["decides"]],
        **{"stopped": None, "fit": None, "severity_note": None, "naming": None},
        **{"classes_are": "person", "noun": IDENTITY.to_dict()},
    }
    return added | result | {"named": [{"restarts": None, "seeds": None} | one for one in result["named"]]}


def code_of(line: str, at_chance: str) -> str:
    """Return the code of a sentence that was stored without one."""
    return at_chance if AT_CHANCE in line else "other"


def with_rates(result: Document) -> Document:
    """Add rates with intervals beside bare rates, and words beside facts."""
    out = dict(result)
    out["verifiers"] = [{"figures": {}, "refused": False} | one for one in result["verifiers"]]
    out["evaluator"] = result["evaluator"] and {"figures": {}} | result["evaluator"]
    if (result["risk"] or {}).get("correction"):
        out["risk"] = result["risk"] | {"correction": {"figures": {}} | result["risk"]["correction"]}
    if twin := result["twin"]:
        out["twin"] = twin | {"accuracy": twin["accuracy"] and {"figures": {}} | twin["accuracy"]}
    if power := result["power"]:
        out["power"] = (
            {"convinced": None, "needed": POWER_NEEDED} | power | {"reference": _described(power["reference"])}
        )
    out["threat_models"] = [{"words": _words(line)} | line for line in result["threat_models"]]
    return out


def with_labels(result: Document) -> Document:
    """Label every figure from the catalogue, and drop those that were not measured."""
    noun = Noun(**result["noun"])
    out = dict(result)
    for part, prefix in (("figures", ""), ("controls", "control_")):
        measured = {name: figure for name, figure in result[part].items() if figure is not None}
        out[part] = {name: labelled_again(prefix + name, figure, noun) for name, figure in measured.items()}
    for part in ("risk", "power"):
        if result[part] is not None:
            out[part] = labelled_again(part, result[part], noun)
    if compared := (result["regression"] or {}).get("difference"):
        out["regression"] = result["regression"] | {"difference": labelled_again("regression", compared, noun)}
    return out


def with_comparison_in_words(result: Document) -> Document:
    """Add the sentence of a comparison that was stored without one."""
    compared = result["regression"]
    if not compared or not compared.get("difference") or compared.get("sentence"):
        return result
    shared, found = compared["shared"], compared["difference"]
    change = f"R {points(found['value'])} ({points(found['low'])} to {points(found['high'])})"
    both = f"{Noun(**result['noun']).counted(shared)} in both"
    line = f"Against release {compared['version']}: {change}, {both}, {compared['newly_exposed']} newly exposed."
    return result | {"regression": compared | {"sentence": line}}


def with_attacks(result: Document) -> Document:
    """Add the list of attacks. Until then, a plan had one attack."""
    if "attacks" in result:
        return result
    settings = result["settings"]
    stored = settings["plan"]
    attack = upgraded_plan(stored)["attacks"][0]
    of_plan = ("name", "setting", "prior", "prior_kind", "steps", "restarts")
    risk = result["risk"]
    verified = result["figures"].get("verified")
    success = verified or result["figures"].get("attack_accuracy_top1")
    reading = {
        **{name: attack[name] for name in of_plan},
        "label": attack_label(attack["name"], attack["setting"], attack["prior"]),
        "verified": verified,
        "risk": risk and {name: risk[name] for name in ("value", "low", "high", "n", "bound_low", "bound_high")},
        "minutes": result["cost"]["device_minutes"],
        "added": None if risk is None or success is None else round(success["value"] * success["n"]),
        "prior_digest": result["inputs"]["prior"],
        "students_digest": result["inputs"]["students"],
    }
    return result | {"attacks": [reading], "settings": {"attacks": [settings["attack"]]} | settings}


UPGRADES: tuple[Callable[[Document], Document], ...] = (
    *(with_intake_and_comparison, with_codes, with_rates, with_labels, with_comparison_in_words, with_attacks),
)


def upgraded(stored: Mapping[str, Any]) -> Document:
    """Return a result with every field that results of this version have."""
    result = dict(stored)
    for upgrade in UPGRADES:
        result = upgrade(result)
    return result


def _described(reference: Document) -> Document:
    words = "a reference model without defences"
    return {"figures": {}, "leak": None, "known_to_leak": False, "words": words} | reference


def _words(line: Document) -> str:
    return ", ".join(line["attacks"]) if line["tested"] else "not tested"
