"""The verifiers that may judge, and their answers about the reconstructions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.sentences import references as words
from worker.evaluation.panel import Panel
from worker.evaluation.sight import SENSITIVITY_NEEDED, Sight, sees
from worker.evaluation.verification import Verification, verify
from worker.evaluation.verifiers import Embedder
from worker.evidence.private_set import PrivateSet
from worker.evidence.reconstructions import ATTACK, NEAREST_PUBLIC, PRIOR_CONTROL, TWIN, Picture
from worker.evidence.verifiers import Others

CONTROLS = (PRIOR_CONTROL, NEAREST_PUBLIC)


@dataclass(frozen=True)
class SelectedVerifiers:
    """The verifiers that may judge, with the gallery, and sentences about those that may not.

    Attributes:
        cards: measured rates of every verifier on real images of these identities.
    """

    panel: Panel
    cards: list[dict[str, Any]]
    refused: tuple[str, ...]


def select_verifiers(
    verifiers: Sequence[Embedder], private: PrivateSet, others: Others | None = None, *, default: Collection[str] = ()
) -> SelectedVerifiers:
    """Measure every verifier on real images of these identities, and reject those that guess.

    Args:
        others: further people of the gallery.
        default: digests of shipped verifiers that nobody named. They must be shown to recognise
            these images, because most images of their size show something else.
    """
    train, held_out = private.train, private.held_out
    panel = Panel.of(verifiers, train.images, train.labels)
    if others is not None:
        panel = panel.among(others.images, others.labels)
    cards, refused, unfit = [], [], []
    for sight in sees(panel, (held_out.images, held_out.labels)):
        reason = unfit_because(sight, len(panel.gallery), default=sight.digest in default)
        measured = sight.to_dict()
        card = {
            "name": sight.name,
            "digest": sight.digest,
            "rank1_on_references": sight.rank1.value if sight.images else None,
            "references": sight.images,
            "refused": reason is not None,
            "figures": {
                "rank1_on_references": measured["rank1"],
                "sensitivity_alone": measured["sensitivity"],
                "specificity_alone": measured["specificity"],
            }
            if sight.images
            else {},
        }
        if reason is not None:
            unfit.append(sight.name)
            card["reason"] = reason
            refused.append(reason)
        cards.append(card)
    return SelectedVerifiers(panel.without(unfit) if unfit else panel, cards, tuple(refused))


def unfit_because(sight: Sight, gallery: int, *, default: bool) -> str | None:
    """Return in words why a verifier may not judge, or None if it may."""
    if sight.blind:
        return words.blind_verifier(sight.name, sight.rank1.value, gallery)
    if not default or sight.sees:
        return None
    if not sight.images:
        return words.unmeasured_verifier(sight.name)
    return words.poor_verifier(sight.name, sight.sensitivity.value, SENSITIVITY_NEEDED)


def admitted_by(found: dict[str, Any], verifiers: list[Embedder]) -> tuple[list[Embedder], list[dict[str, Any]]]:
    """Return the verifiers that the references stage accepted, and its cards of the others."""
    judges: list[str] | None = found.get("judges")
    if judges is None:
        return verifiers, []
    rejected = [card for card in found["verifiers"] if card["digest"] not in judges]
    return [one for one in verifiers if one.digest in judges], rejected


def ask_verifiers(
    panel: Panel, private: PrivateSet, pictures: list[Picture], images: np.ndarray, identities: np.ndarray
) -> Verification:
    """Verify the submissions of an attack.

    All of its reconstructions and controls contribute to the thresholds.

    Args:
        pictures: those of this attack and of its controls.
    """
    made = [one for one in pictures if one.source == ATTACK]
    by_source = {
        source: {one.identity: one.image for one in pictures if one.source == source and one.submitted}
        for source in (*CONTROLS, TWIN)
    }
    twin = {k: image for k, image in by_source[TWIN].items() if k in set(identities.tolist())}
    return verify(
        images,
        identities,
        private.train.images,
        private.train.labels,
        panel.verifiers,
        reconstructions=np.stack([one.image for one in made]),
        reconstructed_for=[one.identity for one in made],
        controls={name: np.stack([by_source[name][int(k)] for k in identities]) for name in CONTROLS},
        partial={TWIN: (np.stack(list(twin.values())), np.array(list(twin)))} if twin else None,
        held_out=(private.held_out.images, private.held_out.labels),
        panel=panel,
    )
