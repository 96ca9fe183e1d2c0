"""Sentences before the attack: on the release's own training images, and the verifiers on them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.contract.shares import share

Facts = Mapping[str, Any]
NOT_ATTACKED = "The audit ended before anything was attacked."
LISTED = 3


def stop(fit: Facts) -> str:
    """Return why a release cannot be judged as described, and what to do."""
    return f"{STOPS[fit['state']](fit)} {NOT_ATTACKED}"


def at_chance(fit: Facts) -> str:
    """Return the sentence for a release that does not know its training images."""
    return (
        f"The model labels {share(fit['accuracy']['value'])} of its own private training images correctly, no better "
        f"than guessing among {fit['classes']} classes. Check that this is the checkpoint, that these are the images "
        "it was trained on, and the order of the class names and the input convention in its description."
    )


def class_order(fit: Facts) -> str:
    """Return the sentence for a description with the class names in a wrong order."""
    order = fit["order"]
    sorting = f" It has the names {order['is']}." if order["is"] else ""
    seen = [f"images of {one['pictures_of']} are labelled {one['labelled_as']}" for one in order["examples"][:LISTED]]
    which = "The class names are in another order than the model's: "
    correct = "the order of the class names and upload the release again"
    if order["convention"] != fit["conventions"][0]["name"]:
        (read,) = (one for one in fit["conventions"] if one["name"] == order["convention"])
        which = f"Neither the input convention nor the order of the class names is the model's. With {numbers(read)}, "
        correct = "both and upload the release again"
    elif not order["is"]:
        correct += ", or the names in the private set and upload that again"
    return (
        f"{which}{', '.join(seen)}. In the model's order it labels {share(order['accuracy'])} of its own private "
        f"training images correctly, as described {share(fit['accuracy']['value'])}.{sorting} Correct {correct}."
    )


def input_convention(fit: Facts) -> str:
    """Return the sentence for a description that prepares images differently than in training."""
    best = max(fit["conventions"], key=lambda one: float(one["accuracy"]))
    return (
        f"The input convention of the description does not fit: as declared the model labels "
        f"{share(fit['accuracy']['value'])} of its own private training images correctly, with {best['name']} "
        f"{share(best['accuracy'])}. Upload the release again with {numbers(best)}."
    )


def numbers(reading: Facts) -> str:
    """Return an input convention as it is declared."""
    convention = reading["convention"]
    mean, std = (", ".join(f"{value:.4g}" for value in convention[name]) for name in ("mean", "std"))
    return f"mean {mean}, standard deviation {std} and channel order {convention['channel_order']}"


STOPS: dict[str, Callable[[Facts], str]] = {
    "at_chance": at_chance,
    "class_order": class_order,
    "input_convention": input_convention,
}


def below_floor(fit: Facts) -> str:
    """Return the sentence for a release that knows its training images too little."""
    return (
        f"The model labels {share(fit['accuracy']['value'])} of its own private training images correctly. A trained "
        f"model labels more than {share(fit['floor'])} correctly, so the verdict cannot be PASS."
    )


def blind_verifier(name: str, rank1: float, gallery: int) -> str:
    """Return why a verifier that guesses is not used."""
    return (
        f"The verifier {name} ranks the right class first for {share(rank1)} of the real images, no better than "
        f"guessing among {gallery}: it is blind to images of this kind and was not used. Use verifiers trained on "
        "such images."
    )


def poor_verifier(name: str, sensitivity: float, needed: float) -> str:
    """Return why a shipped verifier that recognises too few real images is not used by default."""
    return (
        f"The shipped verifier {name} recognises {share(sensitivity)} of the real images at 1 % false matches; "
        f"{share(needed)} are needed. It was trained on other images and was not used. Use verifiers trained on such "
        "images, or name this one to use it anyway."
    )


def unmeasured_verifier(name: str) -> str:
    """Return why a shipped verifier without evidence is not used by default."""
    return (
        f"Nothing shows that the shipped verifier {name} recognises images of this kind, because there is only one "
        "image of each class. It was not used. Upload two or more images of each class, or name this verifier to "
        "use it anyway."
    )


def too_few_verifiers(judges: int, *, evaluator: bool) -> str:
    """Return what fewer than two verifiers mean for the verdict."""
    counted = "1 verifier judges" if judges == 1 else f"{judges or 'No'} verifiers judge"
    if evaluator:
        return (
            f"{counted} these images; two are needed to verify anything. The evaluator alone decides, uncalibrated: "
            "the verdict can be FAIL or INCONCLUSIVE, never PASS."
        )
    return (
        f"{counted} these images; two are needed to verify anything, and there are too few images to train an "
        "evaluator: the verdict will be INCONCLUSIVE."
    )


def missing_training_images(names: Sequence[str]) -> str:
    """Return the sentence for identities of the plan that cannot be scored."""
    shown = ", ".join(names[:5])
    return (
        f"Private training images are missing for {len(names)} of the planned classes, such as {shown}: the verdict "
        "will be INCONCLUSIVE. Add them, or audit fewer."
    )
