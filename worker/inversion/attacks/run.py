"""Run an attack for some identities: start, search, round to images, score, select."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from worker.inversion.attacks.config import AttackConfig
from worker.inversion.attacks.gmi import Objective, search, start
from worker.inversion.attacks.reconstruction import Reconstruction
from worker.inversion.attacks.selection import target_scores
from worker.inversion.batching import in_batches
from worker.inversion.data import to_tensor, to_uint8
from worker.inversion.errors import InvalidRecipe
from worker.inversion.frozen import frozen
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import Progress, silent
from worker.inversion.targets.target import Target


def run_attack(  # noqa: PLR0917 (all of an attack, in the order of the paper)
    target: Target,
    students: Sequence[Target],
    prior: Prior,
    p_reg: Tensor | None,
    identities: Sequence[int],
    config: AttackConfig,
    *,
    seed: int,
    progress: Progress = silent,
) -> list[Reconstruction]:
    """Reconstruct each identity `config.restarts` times and select one submission each.

    The result for (seed, identity) is the same, bit for bit, whatever other identities are asked for.

    Args:
        students: used by the settings ma and lomma, which refuse an empty list.
        p_reg: (d,), from `students.public_feature_mean`; needed by lom and lomma.
        identities: class indices of the target, without repeats.

    Returns: len(identities) * restarts reconstructions, by identity as given, then restart.
    Progress: done and total count row-steps; it may raise to cancel.
    Raises: InvalidRecipe.
    """
    _check(target, students, p_reg, identities, config)
    y = torch.tensor(list(identities)).repeat_interleave(config.restarts)
    restart = torch.arange(config.restarts).repeat(len(identities))
    with frozen(target, prior, *students):
        with torch.no_grad():
            z = start(target, prior, y, restart, config, seed=seed)
        found = search(Objective(target, students, prior, p_reg, config), z, y, progress=progress)
        with torch.no_grad():
            images = to_uint8(in_batches(prior.decode, found.z, config.micro_batch))
            views = config.views if config.selection == "augmented" else 1
            scored = target_scores(target, to_tensor(images), y, views=views, micro_batch=config.micro_batch)
    best = scored.mean_log_p.view(len(identities), config.restarts).argmax(1)
    return [
        Reconstruction(
            image=images[row],
            identity=int(y[row]),
            restart=int(restart[row]),
            seed=seed,
            target_score=float(scored.mean_log_p[row]),
            target_confidence=float(scored.confidence[row]),
            selected=bool(best[row // config.restarts] == restart[row]),
            iterations=int(found.iterations[row]),
            target_top1=bool(scored.top1[row]),
        )
        for row in range(len(y))
    ]


def _check(
    target: Target,
    students: Sequence[Target],
    p_reg: Tensor | None,
    identities: Sequence[int],
    config: AttackConfig,
) -> None:
    if not identities or len(set(identities)) != len(identities):
        raise InvalidRecipe("identities must be given, each once")
    if outside := [k for k in identities if not 0 <= k < target.num_classes]:
        raise InvalidRecipe(f"identities {outside[:5]} are no classes of a target with {target.num_classes} classes")
    if config.uses_students and not students:
        raise InvalidRecipe(f"setting {config.setting!r} needs students")
    if config.uses_logit_loss and p_reg is None:
        raise InvalidRecipe(f"setting {config.setting!r} needs p_reg")
