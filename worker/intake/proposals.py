"""When the weights are not those of the named architecture: say which one they would fit."""

from __future__ import annotations

from worker.intake.detection import Proposal, detect
from worker.intake.refusal import Refused
from worker.intake.safetensors_header import SafetensorsHeader
from worker.intake.state_dicts import candidates

_TOLD = 5


def propose(header: SafetensorsHeader) -> list[Proposal]:
    """Architectures that fit the tensors of the file, also when their names carry a prefix; best first."""
    for found in candidates(header.tensors):
        if proposals := detect({name: tensor.shape for name, tensor in found.tensors.items()}):
            return proposals
    return []


def with_proposals(refusal: Refused, header: SafetensorsHeader) -> Refused:
    """The refusal, with what to try where the names and shapes tell."""
    if refusal.code != "checkpoint-mismatch" or not (proposals := propose(header)):
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
