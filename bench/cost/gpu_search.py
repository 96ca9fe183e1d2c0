"""Searches of the demo's characters on a device: what is verified, and whether bits repeat."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import torch

from bench.attacks.paired import difference
from bench.cost.engine_speed import wait
from worker.bundled import PRECISION_RECORD, omniglot
from worker.demo.train_target import ARCHITECTURE, CONVENTION, HYPERPARAMETERS, train_demo_target
from worker.evaluation.controls import nearest_public_control, prior_control
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import bundled_verifiers
from worker.inversion.acceleration import Precision
from worker.inversion.acceleration.exactness import unsteady_operations
from worker.inversion.attacks import Attack, Gmi, Reconstruction, run_attack
from worker.inversion.attacks.attack import Setting
from worker.inversion.attacks.capture import Recorder
from worker.inversion.data import images_digest
from worker.inversion.objective import PublicFeatures
from worker.inversion.priors import Prior, load_prior
from worker.inversion.students import default_student_recipe, public_features, train_students
from worker.inversion.targets import Target, build_network, examine_target, load_target


class Searches(NamedTuple):
    """How much is searched."""

    identities: int
    steps: int
    restarts: int
    micro_batch: int  # on a processor
    compared: int  # restarts of each identity that precisions are compared on
    epochs: int  # of the target; 0 for random weights
    attacks: int
    public: int


class Demo:
    """The demo's target, public images and prior, and the search that is measured.

    Args:
        recorder: makes what records the steps of a search. None computes them.
    """

    def __init__(self, device: torch.device, size: Searches, recorder: Callable[[], Recorder | None]) -> None:
        self.device, self.size, self.recorder, self.data = device, size, recorder, omniglot.load()
        self.public = self.data.public.images[: size.public]

    @cached_property
    def target(self) -> Target:
        """The demo's target, trained on the CPU, or with random weights."""
        if not self.size.epochs:
            network = build_network(ARCHITECTURE, HYPERPARAMETERS, 90, 1, seed=0)
            return Target(network, CONVENTION, 90).eval().requires_grad_(False).to(self.device)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "target.safetensors"
            card = train_demo_target(path, seed=0, epochs=self.size.epochs)
            named = card["architecture"], card["hyperparameters"], card["num_classes"]
            return load_target(path, *named, CONVENTION).to(self.device)

    @cached_property
    def prior(self) -> Prior:
        """The shipped prior."""
        return load_prior(Path(omniglot.__file__).with_name("prior-omniglot32.safetensors")).to(self.device)

    @cached_property
    def features(self) -> PublicFeatures:
        """The penultimate features of the public images."""
        return public_features(self.target, self.public)

    def attack(self, setting: Setting = "lom", **more: Any) -> Attack:
        """Return the search with some options of its own."""
        size = self.size
        values = {"steps": size.steps, "restarts": size.restarts, "micro_batch": size.micro_batch, **more}
        return Gmi(**{"setting": setting, "pool": max(8, values["restarts"]), **values})

    def found(self, attack: Attack, students: Sequence[Target] = (), *, eager: bool = False) -> list[Reconstruction]:
        """Run the attack on all identities at once, with recorded steps unless it is eager."""
        identities = list(range(self.size.identities))
        return run_attack(
            self.target,
            students,
            self.prior,
            self.features,
            identities,
            attack,
            seed=1,
            at_once=len(identities) * attack.restarts,
            recorder=None if eager else self.recorder(),
        )

    def verified(self, judged: list[Reconstruction], found: list[Reconstruction]) -> np.ndarray:
        """Return whether both verifiers recognise each of the judged reconstructions."""
        private = self.data.private_train
        known = private.labels < self.size.identities
        verdicts = verify(
            np.stack([one.image for one in judged]),
            [one.identity for one in judged],
            private.images[known],
            private.labels[known],
            bundled_verifiers((1, 32, 32), self.device.type),
            reconstructions=np.stack([one.image for one in found]),
            reconstructed_for=[one.identity for one in found],
        )
        return np.asarray(verdicts.success)


def characters(demo: Demo) -> dict[str, Any]:
    """Return the seconds of each stage of an audit with verification, and what it verified."""
    size, seconds = demo.size, {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        made = work()
        wait(demo.device)
        seconds[name] = round(time.perf_counter() - start, 2)
        return made

    public = demo.public
    timed("target", lambda: demo.target)
    timed("examination", lambda: examine_target(demo.target))
    timed("p_reg", lambda: public_features(demo.target, public))
    recipe = default_student_recipe(demo.target.convention) | ({} if size.epochs else {"epochs": 1, "views": 1})
    students = timed("students", lambda: train_students(demo.target, public, recipe, seed=0))
    found = timed("attack", lambda: demo.found(demo.attack("lomma"), students))
    people = list(range(size.identities))
    timed("controls", lambda: prior_control(demo.prior, people, draws=size.restarts, seed=1))
    timed("nearest public", lambda: nearest_public_control(demo.target, public, people))
    verified = timed("verification", lambda: demo.verified([one for one in found if one.selected], found))
    share = float(np.mean(verified))
    return {"seconds": seconds, "total": round(sum(seconds.values()), 1), "verified": share, "people": len(people)}


def precision(demo: Demo, precisions: Sequence[Precision]) -> dict[str, Any]:
    """Return what searches in other precisions change in the final scores, which are float32.

    They begin at random latents. `verified_minus_float32` is the difference in the share of
    restarts that both verifiers recognise, paired by identity: [value, low, high], 95 %.
    """
    plain = demo.attack(restarts=demo.size.compared, pool=0, precision="float32")
    runs = {name: demo.found(dataclasses.replace(plain, precision=name)) for name in ("float32", *precisions)}
    scores = {name: np.array([one.target_confidence for one in found]) for name, found in runs.items()}
    people = {
        name: demo.verified(found, found).reshape(demo.size.identities, -1).mean(1) for name, found in runs.items()
    }
    others = [name for name in runs if name != "float32"]
    return {
        "confidence": {name: round(float(values.mean()), 5) for name, values in scores.items()},
        "largest_difference": {
            name: round(float(np.abs(scores[name] - scores["float32"]).max()), 5) for name in others
        },
        "searches": len(scores["float32"]),
        "verified": {name: round(float(shares.mean()), 4) for name, shares in people.items()},
        "verified_minus_float32": {name: difference(people[name], people["float32"]) for name in others},
    }


def keep_precision(found: dict[str, Any], gpu: str, path: Path = PRECISION_RECORD) -> None:
    """Record the comparisons on this GPU, by which workers choose the precision there."""
    record = json.loads(path.read_text())
    compared = {name: {"verified": value} for name, value in found["verified_minus_float32"].items()}
    record[gpu] = {**compared, "searches": found["searches"], "torch": str(torch.__version__)}
    path.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")


def determinism(demo: Demo) -> dict[str, Any]:
    """Return whether two runs give the same bits: eager, eager with random views, and recorded."""
    same, unsteady = {}, set[str]()
    for name, views, eager in (("eager", 0, True), ("eager, with views", 1, True), ("recorded", 0, False)):
        with unsteady_operations(demo.device) as found:
            runs = [demo.found(demo.attack(views_per_step=views), eager=eager) for _ in range(2)]
        digests = {images_digest(np.stack([one.image for one in run])) for run in runs}
        same[name] = len(digests) == 1
        unsteady |= set(found)
    return {"same": same, "without_deterministic_kernel": sorted(unsteady)}


def memory(demo: Demo) -> dict[str, Any]:
    """Return the bytes in use after each of several attacks. They must not grow."""
    used = []
    for _ in range(demo.size.attacks):
        demo.found(demo.attack())
        used.append(torch.cuda.memory_allocated(demo.device) if demo.device.type == "cuda" else 0)
    return {"bytes_after_each": used, "grows": used[-1] > used[0]}
