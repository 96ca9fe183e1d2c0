"""Which architecture: found by the weights where the user does not know it, and named where the user was wrong."""

from __future__ import annotations

from typing import Any

from app.formats.architectures import AUTO, Proposal, detect
from app.formats.refusal import Refused
from app.formats.state_dicts import candidates, no_state_dict

_TOLD = 5
MOST_RIVALS = 7


def propose(loaded: object) -> list[Proposal]:
    """Architectures that fit the tensors of a file, also when these lie in wrappers or their names carry a prefix; best
    first."""
    for found in candidates(loaded):
        if proposals := detect({name: tensor.shape for name, tensor in found.tensors.items()}):
            return proposals
    return []


def check_weights(loaded: object, architecture: str) -> None:
    """Are there weights in what was saved, and of a known architecture if it is to be detected?

    Raises: Refused (no-state-dict, architecture-not-detected).
    """
    if next(candidates(loaded), None) is None:
        raise no_state_dict()
    if architecture == AUTO and not (proposals := propose(loaded)):
        raise _not_detected(proposals)


def settled(loaded: object, given: dict[str, Any]) -> dict[str, Any]:
    """The architecture and hyper-parameters to examine, and `rivals`, others that the same weights fit.

    Raises: Refused (architecture-not-detected).
    """
    proposals = propose(loaded)
    if not proposals or not (proposals[0].exact or given):
        raise _not_detected(proposals)
    first = proposals[0]
    return {
        "architecture": first.architecture,
        "hyperparameters": {**first.hyperparameters, **given},
        "rivals": [p.architecture for p in proposals[1:] if p.hyperparameters == first.hyperparameters][:MOST_RIVALS],
    }


def _not_detected(proposals: list[Proposal]) -> Refused:
    told = f" {_sentence(proposals)}" if proposals else ""
    return Refused(
        "architecture-not-detected",
        "The names and shapes of the weights are those of no known architecture." + told + " If it is one of timm,"
        " torchvision or Exhume (GET /api/v1/architectures), name it and its hyper-parameters; otherwise export the"
        " model as ONNX, which brings its own graph.",
    )


def with_proposals(refusal: Refused, loaded: object) -> Refused:
    """The refusal, with what to try where the names and shapes tell."""
    if refusal.code != "checkpoint-mismatch" or not (proposals := propose(loaded)):
        return refusal
    return Refused(refusal.code, f"{refusal.detail} {_sentence(proposals)}", refusal.errors)


def _sentence(proposals: list[Proposal]) -> str:
    names = " or ".join(p.architecture for p in proposals[:_TOLD])
    more = f" (or {len(proposals) - _TOLD} others)" if len(proposals) > _TOLD else ""
    first = proposals[0]
    if not first.exact:
        return f"Their names are those of {names}{more}, with other hyper-parameters."
    known = [
        f"{first.num_classes} classes" if first.num_classes else "",
        f"{first.channels} channels" if first.channels else "",
        *(f"{key} {value}" for key, value in first.hyperparameters.items()),
    ]
    return f"They fit {names}{more}: {', '.join(k for k in known if k)}."
