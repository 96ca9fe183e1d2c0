"""The stages of a standard audit of 100 identities by a VGG16-BN at 64 px, on a device.

Time does not depend on weights or images, so the target and the searched prior are random, and
public and private images are samples of the shipped prior of faces. Nothing is verified, because
no verifier of faces is shipped.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from app.contract.engine import EVALUATOR_EPOCHS, MORE_REFERENCE_IDENTITIES, PRESETS, REFERENCE_EPOCHS
from bench.cost.engine_speed import PAPER, Networks, make, wait
from worker import bundled
from worker.evaluation.controls import nearest_public_control, prior_control
from worker.evaluation.evaluator import train_evaluator
from worker.evaluation.procedure import OtherModel
from worker.inversion.acceleration import Precision
from worker.inversion.attacks import Gmi, run_attack
from worker.inversion.attacks.capture import Recorder
from worker.inversion.data import to_uint8
from worker.inversion.latents import draw
from worker.inversion.layout import channels_last
from worker.inversion.priors import load_prior
from worker.inversion.students import default_student_recipe, public_features, train_students
from worker.inversion.targets import InputConvention, examine_target

CONVENTION = InputConvention(64, 64, 3)
FACES = Path(bundled.__file__).with_name("prior-fairface64.safetensors")


class Audit(NamedTuple):
    """How much is audited."""

    networks: Networks
    identities: int
    public: int
    images_each: int
    reference_identities: int
    search: dict[str, Any]  # steps and restarts
    students: dict[str, Any]  # changes of the default recipe
    epochs: tuple[int, int]  # of the evaluator and of the reference model


STANDARD = Audit(
    networks=PAPER,
    identities=100,
    public=2_500,
    images_each=20,
    reference_identities=MORE_REFERENCE_IDENTITIES,
    search={"steps": PRESETS["standard"].steps, "restarts": PRESETS["standard"].restarts},
    students={},
    epochs=(EVALUATOR_EPOCHS, REFERENCE_EPOCHS),
)


def faces(count: int) -> np.ndarray:
    """Return samples of the shipped prior of faces, uint8 (N, 64, 64, 3)."""
    prior = load_prior(FACES)
    with torch.no_grad():
        return to_uint8(prior.decode(draw(0, "faces", shape=(count, prior.latent_dim))))


def audit(
    device: torch.device, size: Audit, precisions: Sequence[Precision], recorder: Callable[[], Recorder | None]
) -> dict[str, Any]:
    """Return the seconds of each stage of a LOMMA audit with a prior that is there already.

    The audit is in the first of the precisions. Its attack is timed in the others too.
    """
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        made = work()
        wait(device)
        seconds[name] = round(time.perf_counter() - start, 2)
        return made

    T, prior = make(size.networks, size.identities)
    T, prior = channels_last(T.to(device)).requires_grad_(False), channels_last(prior.to(device))
    people, public = list(range(size.identities)), faces(size.public)
    recipe = default_student_recipe(CONVENTION) | size.students
    attack = Gmi(setting="lomma", precision=precisions[0], **size.search)
    at_once = len(people) * attack.restarts
    private, labels = faces(len(people) * size.images_each), np.repeat(people, size.images_each)

    timed("examination", lambda: examine_target(T))
    features = timed("p_reg", lambda: public_features(T, public))
    students = timed("students", lambda: train_students(T, public, recipe, seed=0))

    def attacked(config: Gmi) -> tuple[int, bool]:
        """Return the images of a pass, and whether steps were replayed."""
        by = recorder()
        found = run_attack(
            T, students, prior, features, people, config, seed=1, at_once=at_once, recorder=by, filmed=True
        )
        return found[0].micro_batch, by is not None and by.recorded > 0

    images_at_once, recorded = timed("attack", lambda: attacked(attack))
    timed("prior control", lambda: prior_control(prior, people, draws=attack.restarts, seed=1))
    timed("nearest public", lambda: nearest_public_control(T, public, people, views=attack.views))
    epochs, more = size.epochs
    timed("evaluator", lambda: train_evaluator(private, labels, seed=0, epochs=epochs, device=str(device)))
    reference = timed(
        "reference model", lambda: train_evaluator(private, labels, seed=1, epochs=more, device=str(device))
    )
    model = OtherModel(reference.model, public, seed=1, recorder=recorder())
    theirs = timed("students of the reference model", lambda: train_students(model.target, public, recipe, seed=0))
    timed("power", lambda: model.attack(prior, people[: size.reference_identities], attack, students=theirs))
    total = sum(seconds.values())
    attacks = {precisions[0]: seconds["attack"]}
    for other in precisions[1:]:
        timed(other, partial(attacked, dataclasses.replace(attack, precision=other)))
        attacks[other] = seconds.pop(other)
    return {
        "seconds": seconds,
        "total": round(total, 1),
        "attack": attacks,
        "precision": precisions[0],
        "images_at_once": images_at_once,
        "recorded": recorded,
        "identities": size.identities,
        "public": size.public,
        "networks": f"{size.networks.architecture} at 64 px, LOMMA, prior cached",
        "left_out": ["verification", "files", "queue"],
    }
