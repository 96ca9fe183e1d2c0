"""Runs an attack for some identities: search, round to images, score, select."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from worker.inversion.acceleration import fast_prior, fast_target
from worker.inversion.acceleration.exactness import float32_convolutions, multiplying
from worker.inversion.attacks.attack import Attack, Searched, Task, rows_of
from worker.inversion.attacks.capture import Recorder
from worker.inversion.attacks.film import Film, Strip
from worker.inversion.attacks.reconstruction import Reconstruction
from worker.inversion.attacks.selection import Scored, put_forward, target_scores
from worker.inversion.batching import in_batches
from worker.inversion.data import to_tensor, to_uint8
from worker.inversion.errors import InvalidRecipe
from worker.inversion.feature_decoder import decode_classes
from worker.inversion.frozen import frozen
from worker.inversion.latents import draw
from worker.inversion.layout import device_of
from worker.inversion.memory import bytes_needed, bytes_of_a_row, free_bytes, halving, most_images, that_fit
from worker.inversion.objective import ModelSet, PublicFeatures
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import Progress, silent
from worker.inversion.targets.target import Target


def run_attack(  # noqa: PLR0917 (all of an attack, in the order of the paper)
    target: Target,
    students: Sequence[Target],
    prior: Prior | None,
    p_reg: Tensor | PublicFeatures | None,
    identities: Sequence[int],
    attack: Attack,
    *,
    seed: int,
    progress: Progress = silent,
    decoded: Tensor | None = None,
    measured: Callable[[int], None] | None = None,
    at_once: int = 0,
    recorder: Recorder | None = None,
    filmed: bool = False,
) -> list[Reconstruction]:
    """Reconstruct each identity `attack.restarts` times and select the submissions.

    With the selection "consensus", one more reconstruction per identity is the mean of the others.

    The result for (seed, identity) is bit for bit the same whatever other identities are
    requested. If the planned micro-batch does not fit into memory, it is halved and the attack
    starts over. Kernels may then sum in another order: small networks give the same bits, but in a
    large one (VGG16-BN) pixels can differ because of the last bit. `Reconstruction.micro_batch` is
    the size that was used.

    Args:
        students: required by the settings ma and lomma.
        prior: may be None for attacks without a prior (miface).
        p_reg: `students.public_features` of the target, or its mean alone (d,). Required by lom
            and lomma.
        identities: class indices of the target, without repeats.
        decoded: latents of `decode_classes` on the public images (K, d), for attacks that use the
            decoder. Without them, it is fitted to samples of the prior.
        measured: called before the search with the bytes of a device's memory that it needs, one
            image at a time.
        at_once: images of a pass on an accelerator, if they fit into its memory and are more than
            the attack's micro-batch. It must not depend on which identities are requested.
        recorder: records the steps of the search, such as `capture.CudaGraphs`.
        filmed: keep a film of the best search of each identity.

    Returns: len(identities) * restarts reconstructions, by identity as given, then restart. With
        "consensus", one more per identity.
    Progress: done and total count row-steps. It may raise to cancel.
    Raises: InvalidRecipe.
    """
    _check(target, students, prior, p_reg, identities, attack)
    device = device_of(target)
    if attack.uses_decoder and decoded is None:
        assert prior is not None
        decoded = decode_classes(target, prior).latents
    y, restart = (t.to(device) for t in rows_of(list(identities), attack.restarts))
    with frozen(target, *students, *([prior] if prior else [])):
        models, fast = networks(target, students, prior, attack)
        regular = _p_reg(p_reg, attack, y, restart, seed)
        latents = None if decoded is None else decoded.to(device)
        task = Task(models, fast, y, restart, regular, seed, progress, latents, recorder)
        with float32_convolutions(device):
            each = bytes_of_an_image(attack, task)
            if measured is not None:
                measured(bytes_needed((target, *students, *([prior] if prior else [])), each, device))
            rows = that_fit(most_images(device, attack.micro_batch, at_once), each, free_bytes(device))
            run = partial(_searched_and_scored, attack, task, target, prior, filmed=filmed)
            done, used = halving(run, rows)
    found, images, scored, y, restart, strips = done
    forward = put_forward(scored.mean_log_p.view(len(identities), -1), attack.selection).flatten()
    return [
        Reconstruction(
            image=images[row],
            identity=int(y[row]),
            restart=int(restart[row]),
            seed=seed,
            target_score=float(scored.mean_log_p[row]),
            target_confidence=float(scored.confidence[row]),
            selected=bool(forward[row]),
            iterations=int(found.iterations[row]),
            target_top1=bool(scored.top1[row]),
            micro_batch=used,
            film=strips.get(row),
        )
        for row in range(len(y))
    ]


def _searched_and_scored(
    attack: Attack, task: Task, target: Target, prior: Prior | None, rows: int, *, filmed: bool
) -> tuple[Searched, np.ndarray, Scored, Tensor, Tensor, dict[int, Strip]]:
    """Search with `rows` at once, and score the images by the target itself in float32.

    Returns: latents, images, scores, identity and restart of each row, and films by row.
    """
    film = Film() if filmed else None
    task = task._replace(film=film)
    with multiplying(task.y.device, attack.precision):
        found, y, restart = dataclasses.replace(attack, micro_batch=rows).search(task), task.y, task.restart
    if attack.selection == "consensus":
        found, y, restart = _with_consensus(attack, task, found)
    with torch.no_grad():
        images = to_uint8(in_batches(partial(attack.decode, prior), found.z, rows))
        views = attack.views if attack.selection != "target" else 1
        x, cropped = to_tensor(images).to(task.y.device), attack.selection == "crops"
        scored = target_scores(target, x, y, views=views, micro_batch=rows, cropped=cropped)
    strips = {} if film is None else _filmed(attack, task, scored, partial(attack.decode, prior), rows)
    return found, images, scored, y, restart, strips


def _filmed(
    attack: Attack, task: Task, scored: Scored, decode: Callable[[Tensor], Tensor], rows: int
) -> dict[int, Strip]:
    """Return the film of the search with the best score of each identity, by its row.

    A consensus comes from no search of its own, so it has none.
    """
    assert task.film is not None
    n, device = attack.restarts, task.y.device
    each = scored.mean_log_p.view(-1, n + (attack.selection == "consensus"))
    best = each[:, :n].argmax(1).tolist()
    places = {(k, r): i * each.shape[1] + r for i, (k, r) in enumerate(zip(task.y[::n].tolist(), best, strict=True))}
    strips = task.film.strips(list(places), lambda z: decode(z.to(device)), rows)
    return {places[row]: strip for row, strip in strips.items()}


def _with_consensus(attack: Attack, task: Task, found: Searched) -> tuple[Searched, Tensor, Tensor]:
    """Append the consensus of each identity to its restarts, with the steps of its longest search.

    Returns: latents and steps, identity and restart of each row, (K * (restarts + 1), ...).
    """
    n = attack.restarts
    z, steps = found.z.view(-1, n, *found.z.shape[1:]), found.iterations.view(-1, n)
    agreed = attack.consensus(task, z)
    y, restart = rows_of(task.y[::n].tolist(), n + 1)
    return (
        Searched(
            torch.cat([z, agreed[:, None]], 1).flatten(0, 1), torch.cat([steps, steps.amax(1, True)], 1).flatten()
        ),
        y.to(task.y.device),
        restart.to(task.y.device),
    )


def bytes_of_an_image(attack: Attack, task: Task) -> int:
    """Return the bytes that a step of the attack keeps per image."""
    prior = task.prior
    shape = (prior.latent_dim,) if prior is not None and attack.prior_kind else _pixels(task)
    two = draw(0, "memory", shape=(2, *shape)).to(task.y.device)

    def loss(z: Tensor) -> Tensor:
        return attack.image_loss(task, attack.decode(prior, z), task.y[:1].expand(len(z)), _first(task.p_reg))

    return bytes_of_a_row(loss, two)


def _pixels(task: Task) -> tuple[int, ...]:
    c = task.models.T.convention
    return task.prior.shape if task.prior is not None else (c.channels, c.height, c.width)


def _first(p_reg: Tensor | None) -> Tensor | None:
    return p_reg[:1] if p_reg is not None and p_reg.ndim == 2 else p_reg


def networks(
    target: Target, students: Sequence[Target], prior: Prior | None, attack: Attack
) -> tuple[ModelSet, Prior | None]:
    """Return the networks of the search: faster copies, in the attack's precision."""
    models = ModelSet(fast_target(target, attack.precision), tuple(fast_target(S, attack.precision) for S in students))
    return models, fast_prior(prior, attack.precision) if prior else None


def _p_reg(
    features: Tensor | PublicFeatures | None, attack: Attack, y: Tensor, restart: Tensor, seed: int
) -> Tensor | None:
    """Return the mean (d,), or per row a draw of N(mean, diag std^2), (R, d).

    A draw depends on its (seed, identity, restart) alone.
    """
    if features is None or not attack.uses_p_reg:
        return None
    if isinstance(features, Tensor):
        return features.to(y.device)
    if attack.p_reg == "mean":
        return features.mean.to(y.device)
    rows = zip(y.tolist(), restart.tolist(), strict=True)
    eps = torch.stack([draw(seed, "p_reg", k, r, shape=tuple(features.mean.shape)) for k, r in rows])
    return (features.mean.cpu() + features.std.cpu() * eps).to(y.device)


def _check(  # noqa: PLR0917 (the arguments of run_attack)
    target: Target,
    students: Sequence[Target],
    prior: Prior | None,
    p_reg: Tensor | PublicFeatures | None,
    identities: Sequence[int],
    attack: Attack,
) -> None:
    if not identities or len(set(identities)) != len(identities):
        raise InvalidRecipe("identities must not be empty or repeated")
    if outside := [k for k in identities if not 0 <= k < target.num_classes]:
        raise InvalidRecipe(f"identities {outside[:5]} are not classes of a target with {target.num_classes} classes")
    if prior is None and attack.prior_kind is not None:
        raise InvalidRecipe(f"attack {attack.name!r} needs a prior, best of kind {attack.prior_kind!r}")
    if attack.uses_students and not students:
        raise InvalidRecipe(f"setting {attack.setting!r} needs students")
    if attack.uses_p_reg and p_reg is None:
        raise InvalidRecipe(f"setting {attack.setting!r} needs p_reg")
    if attack.uses_p_reg and attack.p_reg == "sample" and not isinstance(p_reg, PublicFeatures):
        raise InvalidRecipe("p_reg 'sample' also needs the deviation of the public features: pass public_features(...)")
