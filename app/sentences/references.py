"""What is said before anything is attacked: of the release's own training images, and of the verifiers on them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.contract.shares import share

Facts = Mapping[str, Any]
NOT_ATTACKED = "The audit ended before anything was attacked."
LISTED = 3


def stop(fit: Facts) -> str:
    """Why a release cannot be judged as it is described, and what to do."""
    return f"{STOPS[fit['state']](fit)} {NOT_ATTACKED}"


def at_chance(fit: Facts) -> str:
    """For a release that does not know its own training images."""
    return (
        f"The model labels {share(fit['accuracy']['value'])} of its own private training images correctly, no better "
        f"than guessing among {fit['classes']} classes. Check that this is the checkpoint, that these are the images "
        "it was trained on, and the order of the class names and the input convention in its description."
    )


def class_order(fit: Facts) -> str:
    """For a release whose description has the class names in another order than the model."""
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
    """For a release whose description prepares the images in another way than its training did."""
    best = max(fit["conventions"], key=lambda one: float(one["accuracy"]))
    return (
        f"The input convention of the description does not fit: as declared the model labels "
        f"{share(fit['accuracy']['value'])} of its own private training images correctly, with {best['name']} "
        f"{share(best['accuracy'])}. Upload the release again with {numbers(best)}."
    )


def numbers(reading: Facts) -> str:
    """An input convention as it is declared."""
    convention = reading["convention"]
    mean, std = (", ".join(f"{value:.4g}" for value in convention[name]) for name in ("mean", "std"))
    return f"mean {mean}, standard deviation {std} and channel order {convention['channel_order']}"


STOPS: dict[str, Callable[[Facts], str]] = {
    "at_chance": at_chance,
    "class_order": class_order,
    "input_convention": input_convention,
}


def below_floor(fit: Facts) -> str:
    """For a release that knows its training images, but less well than trained models do."""
    return (
        f"The model labels {share(fit['accuracy']['value'])} of its own private training images correctly. A trained "
        f"model labels more than {share(fit['floor'])} correctly, so the verdict cannot be PASS. Check the checkpoint, "
        "the order of its class names and its input convention."
    )


def blind_verifier(name: str, rank1: float, gallery: int) -> str:
    """Why a verifier that guesses is not asked."""
    return (
        f"The verifier {name} ranks the right class first for {share(rank1)} of the real images, no better than "
        f"guessing among {gallery}: it is blind to images of this kind and was not asked. Use verifiers trained on "
        "such images."
    )


def poor_verifier(name: str, sensitivity: float, needed: float) -> str:
    """Why a shipped verifier is not asked by default where it recognises too few real images."""
    return (
        f"The shipped verifier {name} recognises {share(sensitivity)} of the real images at 1 % false matches; "
        f"{share(needed)} are needed. It was made for other images and was not asked. Use verifiers trained on such "
        "images, or name this one to have it judge nevertheless."
    )


def unmeasured_verifier(name: str) -> str:
    """Why a shipped verifier is not asked by default where nothing shows that it sees."""
    return (
        f"Nothing shows that the shipped verifier {name} recognises images of this kind, because there is one image of "
        "each class. It was not asked. Upload two or more images of each class, or name this verifier to have it judge "
        "nevertheless."
    )


def too_few_verifiers(judges: int, *, evaluator: bool) -> str:
    """What fewer than two verifiers mean for the verdict."""
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
    """For identities of the plan that cannot be scored."""
    shown = ", ".join(names[:5])
    return (
        f"Private training images are missing for {len(names)} of the planned classes, such as {shown}: the verdict "
        "will be INCONCLUSIVE. Add them, or audit fewer."
    )
