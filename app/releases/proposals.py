"""Which architectures have tensors of these names and shapes? Answered from the engine's index, without the engine."""

from app.releases.schemas import ArchitectureProposal, ArchitectureProposals, TensorShapes
from worker.detection import detect


def propose(body: TensorShapes) -> ArchitectureProposals:
    """Best first; none when no known architecture has these names."""
    found = detect({name: tuple(shape) for name, shape in body.tensors.items()})
    return ArchitectureProposals(
        items=[
            ArchitectureProposal(
                architecture=proposal.architecture,
                exact=proposal.exact,
                num_classes=proposal.num_classes,
                channels=proposal.channels,
                hyperparameters=dict(proposal.hyperparameters),
            )
            for proposal in found
        ]
    )
