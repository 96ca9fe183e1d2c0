"""Measure the engine on a device in under eight minutes: the one command for a machine with a GPU.

    python -m bench.cost.gpu_session [--device auto] [--out FILE] [--small] [--keep-precision]

Each part adds one line of JSON with the device and the versions:

* `ladder`: the engine's search against a plain loop on VGG16-BN, generator and critic at 64 px,
  in float32 and bf16, and their share of the device's own convolution ceiling
* `audit`: examination, p_reg, students, attack, controls and verification for the demo's
  characters, with the seconds of each
* `precision`: what tf32 and bf16 change in the confidences of the target and in what is verified;
  `--keep-precision` records it for workers with this GPU
* `determinism`: two runs of an attack, bit for bit
* `memory`: memory of the device after each of several attacks

`--small` shrinks every part to seconds, for a CPU.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, get_args

import numpy as np
import torch

from bench.attacks.paired import difference
from bench.cost.engine_speed import CLASSES, SHAPE, ceiling, engine_loop, make, plain_loop
from worker.bundled import BF16_RECORD, omniglot
from worker.demo.train_target import ARCHITECTURE, CONVENTION, HYPERPARAMETERS, train_demo_target
from worker.evaluation.controls import nearest_public_control, prior_control
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import bundled_verifiers
from worker.inversion.acceleration import Precision, fast_prior, fast_target
from worker.inversion.acceleration.exactness import float32_convolutions, unsteady_operations
from worker.inversion.attacks import Attack, Gmi, Reconstruction, run_attack
from worker.inversion.attacks.attack import Setting
from worker.inversion.data import images_digest
from worker.inversion.layout import channels_last
from worker.inversion.priors import load_prior
from worker.inversion.students import default_student_recipe, public_features, train_students
from worker.inversion.targets import Target, build_network, examine_target, load_target

RESULTS = Path(__file__).resolve().parents[1] / "results" / "gpu_session.jsonl"


class Size(NamedTuple):
    """How much is measured."""

    identities: int
    steps: int
    restarts: int
    epochs: int  # of the target; 0 for random weights
    micro_batch: int
    ladder: tuple[int, int]  # batch and steps; (0, 0) leaves it out
    attacks: int
    public: int


FULL, SMALL = Size(90, 150, 4, 30, 512, (256, 20), 5, 10_000), Size(3, 1, 1, 0, 4, (0, 0), 2, 16)


def stamp(device: torch.device) -> dict[str, Any]:
    """Return the device and the versions of its software."""
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    software = {"torch": str(torch.__version__), "cuda": torch.version.cuda, "python": platform.python_version()}
    return {"device": device.type, "name": gpu or platform.processor() or platform.machine(), **software}


def wait(device: torch.device) -> None:
    """Wait until a GPU has finished."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def ladder(device: torch.device, size: Size) -> dict[str, Any]:
    """Return image-steps per second of a plain loop and of the engine; share of the ceiling."""
    batch, steps = size.ladder
    T, prior = make()
    T, prior = T.to(device), prior.to(device)

    def rate(run: Callable[[int], None]) -> float:
        run(2)
        wait(device)
        start = time.perf_counter()
        run(steps)
        wait(device)
        return batch * steps / (time.perf_counter() - start)

    with torch.device(device):
        found = {"plain loop": rate(lambda n: plain_loop(T, prior, batch, n))}
        T, prior = channels_last(T), channels_last(prior)
        with float32_convolutions(device):
            fast = fast_target(T, "float32"), fast_prior(prior, "float32")
            found["float32"] = rate(lambda n: engine_loop(*fast, batch, n))
            flop, limit = ceiling(T, prior, batch, torch.float32, 3)
        half = fast_target(T, "bf16"), fast_prior(prior, "bf16")
        found["bf16"] = rate(lambda n: engine_loop(*half, batch, n))
    return {
        "rates": {name: round(value, 1) for name, value in found.items()},
        "ratio": round(max(found.values()) / found["plain loop"], 2),
        "share_of_ceiling": round(found["float32"] * flop / limit, 3),
        "networks": f"VGG16-BN of {CLASSES} classes at {SHAPE[1]} px, batch {batch}",
    }


class Demo:
    """The demo's target, public images and prior, and the search that is measured."""

    def __init__(self, device: torch.device, size: Size) -> None:
        self.device, self.size, self.data = device, size, omniglot.load()
        self.public = self.data.public.images[: size.public]
        self.target = self.trained() if size.epochs else untrained().to(device)
        shipped = Path(omniglot.__file__).with_name("prior-omniglot32.safetensors")
        self.prior = load_prior(shipped).to(device)
        self.features = public_features(self.target, self.public)

    def trained(self) -> Target:
        """Return the demo's target, trained on the CPU."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "target.safetensors"
            card = train_demo_target(path, seed=0, epochs=self.size.epochs)
            named = card["architecture"], card["hyperparameters"], card["num_classes"]
            return load_target(path, *named, CONVENTION).to(self.device)

    def attack(self, setting: Setting = "lom", **more: Any) -> Attack:
        size = self.size
        values = {"steps": size.steps, "restarts": size.restarts, "micro_batch": size.micro_batch, **more}
        return Gmi(setting=setting, pool=max(8, size.restarts), **values)

    def found(self, attack: Attack, students: Any = ()) -> list[Reconstruction]:
        identities = list(range(self.size.identities))
        return run_attack(self.target, students, self.prior, self.features, identities, attack, seed=1)

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


def untrained() -> Target:
    """Return the demo's network with random weights."""
    network = build_network(ARCHITECTURE, HYPERPARAMETERS, 90, 1, seed=0)
    return Target(network, CONVENTION, 90).eval().requires_grad_(False)


def audit(demo: Demo) -> dict[str, Any]:
    """Return the seconds of each stage of an audit, and how many of its people were verified."""
    size, seconds = demo.size, {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        made = work()
        wait(demo.device)
        seconds[name] = round(time.perf_counter() - start, 2)
        return made

    timed("examination", lambda: examine_target(demo.target))
    public = demo.public
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


def precision(demo: Demo) -> dict[str, Any]:
    """Return what searches in tf32 and bf16 change in the final scores, which are float32 in all.

    `verified_minus_float32` is the difference in the share of restarts that both verifiers
    recognise, paired by identity: [value, low, high], 95 %.
    """
    plain = demo.attack()
    runs = {name: demo.found(dataclasses.replace(plain, precision=name)) for name in get_args(Precision)}
    scores = {name: np.array([one.target_confidence for one in found if one.selected]) for name, found in runs.items()}
    people = {
        name: demo.verified(found, found).reshape(demo.size.identities, -1).mean(1) for name, found in runs.items()
    }
    others = [name for name in runs if name != "float32"]
    return {
        **{name: round(float(values.mean()), 5) for name, values in scores.items()},
        "largest_difference": {
            name: round(float(np.abs(scores[name] - scores["float32"]).max()), 5) for name in others
        },
        "verified": {name: round(float(shares.mean()), 4) for name, shares in people.items()},
        "verified_minus_float32": {name: difference(people[name], people["float32"]) for name in others},
    }


def keep_precision(found: dict[str, Any], gpu: str, path: Path = BF16_RECORD) -> None:
    """Record the comparison of bf16 on this GPU, by which workers choose the precision there."""
    record = json.loads(path.read_text())
    record[gpu] = {"verified": found["verified_minus_float32"]["bf16"], "torch": str(torch.__version__)}
    path.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")


def determinism(demo: Demo) -> dict[str, Any]:
    """Return whether two runs give the same bits, with and without random views."""
    same, unsteady = {}, set[str]()
    for name, views in (("without views", 0), ("with views", 1)):
        with unsteady_operations(demo.device) as found:
            runs = [demo.found(demo.attack(views_per_step=views)) for _ in range(2)]
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


def session(device: torch.device, size: Size) -> Iterator[dict[str, Any]]:
    """Yield one record for each part."""
    torch.set_deterministic_debug_mode("warn")
    began = time.perf_counter()
    if size.ladder[0]:
        yield {"part": "ladder", **ladder(device, size)}
    demo = Demo(device, size)
    for part in (audit, precision, determinism, memory):
        yield {"part": part.__name__, **part(demo)}
    yield {"part": "session", "seconds": round(time.perf_counter() - began, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="auto", help="auto, cpu, or cuda")
    parser.add_argument("--small", action="store_true", help="measure little, in seconds")
    parser.add_argument("--keep-precision", action="store_true", help=f"record bf16 on this GPU in {BF16_RECORD.name}")
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    name = ("cuda" if torch.cuda.is_available() else "cpu") if args.device == "auto" else args.device
    device = torch.device(name)
    for record in session(device, SMALL if args.small else FULL):
        if record["part"] == "precision" and args.keep_precision:
            keep_precision(record, stamp(device)["name"])
        line = json.dumps({"bench": "gpu_session", **record, **stamp(device)})
        with args.out.open("a") as out:
            out.write(line + "\n")
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
