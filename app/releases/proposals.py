"""Proposals of architectures for tensors with given names and shapes.

They come from the engine's index, without the engine.
"""

from collections.abc import Iterable

from app.formats.architectures import Proposal, detect
from app.releases.schemas import ArchitectureProposal, ArchitectureProposals, TensorShapes


def propose(body: TensorShapes) -> ArchitectureProposals:
    """Return proposals, best first. The list is empty if no known architecture has these names."""
    return ArchitectureProposals(items=shown(detect({name: tuple(shape) for name, shape in body.tensors.items()})))


def shown(found: Iterable[Proposal]) -> list[ArchitectureProposal]:
    """Return proposals as documents."""
    return [
        ArchitectureProposal(
            architecture=proposal.architecture,
            exact=proposal.exact,
            num_classes=proposal.num_classes,
            channels=proposal.channels,
            hyperparameters=dict(proposal.hyperparameters),
        )
        for proposal in found
    ]
