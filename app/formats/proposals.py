"""Detection of the architecture by the weights, and suggestions when the declared one is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.formats.architectures import AUTO, Proposal, detect
from app.formats.key_maps import LAYOUTS, hint
from app.formats.recipes import EXPORT
from app.formats.refusal import Refused
from app.formats.state_dicts import candidates, no_state_dict

_LISTED = 5
MOST_RIVALS = 7


def propose(loaded: object) -> list[Proposal]:
    """Return the architectures that fit the tensors of a file, best first.

    Tensors in wrappers and names with a prefix are found too.
    """
    first: list[Proposal] = []
    for found in candidates(loaded):
        proposals = _suited(detect({name: tensor.shape for name, tensor in found.tensors.items()}), found.layout)
        if proposals and proposals[0].exact:
            return proposals
        first = first or proposals
    return first


def _suited(proposals: list[Proposal], layout: str) -> list[Proposal]:
    """Return the proposals that compute what a checkpoint of this layout does."""
    if layout not in LAYOUTS:
        return proposals
    known = LAYOUTS[layout]
    return [
        replace(one, hyperparameters={**one.hyperparameters, **known.hyperparameters})
        for one in proposals
        if not known.only or one.architecture.startswith(known.only)
    ]


def check_layout(layout: str, architecture: str) -> None:
    """Reject an architecture with the same weights as a library's network but other outputs.

    Raises: Refused (checkpoint-mismatch).
    """
    known = LAYOUTS.get(layout)
    if known is None or not known.only or architecture.startswith(known.only):
        return
    raise Refused(
        "checkpoint-mismatch",
        f"The file is a {known.library}, which computes what the architectures {', '.join(known.only)}... compute."
        f" {architecture} has the same weights but other outputs. Create the release with the architecture 'auto'.",
    )


def check_sides(layout: str, convention: dict[str, Any]) -> None:
    """Reject images that a library's network pads differently from the architecture.

    Raises: Refused (checkpoint-mismatch).
    """
    known = LAYOUTS.get(layout)
    sides = (convention.get("height"), convention.get("width"))
    if known is None or known.sides is None or all(type(side) is int and known.sides(side) for side in sides):
        return
    raise Refused(
        "checkpoint-mismatch",
        f"The file is a {known.library}, which pads images of {sides[1]}x{sides[0]} pixels differently from the"
        f" architectures {', '.join(known.only)}... {EXPORT}",
    )


def check_weights(loaded: object, architecture: str) -> None:
    """Check that the file has weights, and that a known architecture fits if it is to be detected.

    Raises: Refused (no-state-dict, architecture-not-detected).
    """
    if next(candidates(loaded), None) is None:
        raise no_state_dict()
    if architecture == AUTO and not (proposals := propose(loaded)):
        raise _not_detected(loaded, proposals)


def settled(loaded: object, given: dict[str, Any], layout: str = "") -> dict[str, Any]:
    """Return the architecture and hyper-parameters, and `rivals`: others that fit the weights.

    `layout`: the one that the names were translated from, if they were.

    Raises: Refused (architecture-not-detected).
    """
    proposals = _suited(propose(loaded), layout)
    if not proposals or not (proposals[0].exact or given):
        raise _not_detected(loaded, proposals)
    first = proposals[0]
    return {
        "architecture": first.architecture,
        "hyperparameters": {**first.hyperparameters, **given},
        "rivals": [p.architecture for p in proposals[1:] if p.hyperparameters == first.hyperparameters][:MOST_RIVALS],
    }


def _not_detected(loaded: object, proposals: list[Proposal]) -> Refused:
    known = hint(list(next(candidates(loaded)).tensors))
    suggestion = f" {_sentence(proposals)}" if proposals else ""
    return Refused(
        "architecture-not-detected",
        "No known architecture has the names and shapes of these weights."
        + suggestion
        + (f" {known}" if known else "")
        + " If it is one of timm,"
        " torchvision or Exhume (GET /api/v1/architectures), give its name and hyper-parameters. Otherwise export the"
        " model as ONNX, which includes the graph.",
    )


def with_proposals(refusal: Refused, loaded: object) -> Refused:
    """Return the rejection, with the architectures that fit the weights, if any."""
    if refusal.code != "checkpoint-mismatch" or not (proposals := propose(loaded)):
        return refusal
    return Refused(refusal.code, f"{refusal.detail} {_sentence(proposals)}", refusal.errors)


def _sentence(proposals: list[Proposal]) -> str:
    names = " or ".join(p.architecture for p in proposals[:_LISTED])
    more = f" (or {len(proposals) - _LISTED} others)" if len(proposals) > _LISTED else ""
    first = proposals[0]
    if not first.exact:
        return f"The names are those of {names}{more} with different hyper-parameters."
    known = [
        f"{first.num_classes} classes" if first.num_classes else "",
        f"{first.channels} channels" if first.channels else "",
        *(f"{key} {value}" for key, value in first.hyperparameters.items()),
    ]
    return f"They fit {names}{more}: {', '.join(k for k in known if k)}."
