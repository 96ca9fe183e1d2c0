"""Attack a face classifier with GMI, KEDMI and VMI in the four settings.

    python -m bench.attacks.faces --data DIR --work DIR --quick
    python -m bench.attacks.faces --data DIR --work DIR --device cuda \\
        --target vgg16-bn --priors fairface lfw
    python -m bench.attacks.faces --table

Writes one JSON line per cell, then prints the table. `--data` holds `lfw64-private.zip`,
`lfw64-public.zip`, `fairface64-public.zip` and the two `verifier-face64-*.onnx`. Target,
evaluator, priors and students are trained once and kept in `--work`, named by digests of their
inputs. `--quick` is a smaller run for two cores: 20 identities, one seed, a small target, the
shipped face prior for every attack, three small students distilled on 2,000 images, and short
searches.

Both face verifiers compare the reconstructions with the private training images. The evaluator is
a second classifier of the private identities. The attacks use neither.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.contract.engine import PCA_OPTIONS
from bench.attacks.cells import Remembering, file_digest, judged, record, stamp, table
from bench.attacks.image_sets import other_people, private_sets, read_zip
from bench.make.train_target import TargetRecipe, open_target, save_target, train_target
from worker.evaluation.controls import nearest_public_control
from worker.evaluation.evaluator import Evaluator
from worker.evaluation.verifiers import Verifier
from worker.inversion.attacks import SETTINGS, Attack, attacks, run_attack
from worker.inversion.data import images_digest
from worker.inversion.domain_refit import refit_domain
from worker.inversion.priors import built_in_prior, default_prior_recipe, load_prior, prior_key, save_prior, train_prior
from worker.inversion.priors.recipe import MAKERS
from worker.inversion.students import (
    default_student_recipe,
    load_students,
    public_features,
    save_students,
    students_key,
    train_students,
)
from worker.inversion.targets import Target

RESULTS = Path(__file__).resolve().parents[1] / "results" / "faces.jsonl"
SHAPE = (3, 64, 64)
FAST: dict[str, Any] = {"lr": 0.05, "schedule": "one-cycle", "epochs": 40, "affine": 1.0}
TARGETS = {
    "vgg16-bn": TargetRecipe("exhume/vgg16-bn"),
    "ir-50": TargetRecipe("exhume/ir-50"),
    "ir-152": TargetRecipe("exhume/ir-152"),
    "resnet-18": TargetRecipe("torchvision/resnet18"),
    "small-cnn": TargetRecipe(
        "exhume/small-cnn", {"width": 32, "depth": 1, "feature_dim": 256, "dropout": 0.3}, **FAST
    ),
}
EVALUATORS = {
    "ir-50-112": TargetRecipe("exhume/ir-50", {"input_size": 112}, size=112, seed=1),
    "small-cnn": TargetRecipe("exhume/small-cnn", {"width": 24, "kernel": 5, "feature_dim": 160}, **FAST, seed=1),
}
PRIORS: dict[str, dict[str, Any]] = {
    "wgan-gp": {"kind": "wgan-gp", "steps": 20_000, "width": 64, "mirror": True},
    "non-saturating": {
        "kind": "non-saturating", "steps": 40_000, "width": 64, "critic_norm": False, "lr_generator": 3e-4,
        "lr_critic": 3e-4, "beta1": 0.5, "gp": 0.2, "gp_every": 8, "mirror": True,
    },
}  # fmt: skip
SMALL_STUDENTS = [["exhume/small-cnn", {"width": w, "kernel": k}] for w, k in ((24, 3), (24, 5), (32, 3))]
QUICK_STUDENTS = {"networks": SMALL_STUDENTS, "epochs": 6, "views": 1}
PUBLIC = {
    "built-in": "fairface64-public.zip", "fairface": "fairface64-public.zip", "lfw": "lfw64-public.zip"
}  # fmt: skip
FULL_ATTACKS: dict[str, dict[str, Any]] = {
    "decoder": {"steps": 100, "restarts": 4, "micro_batch": 128},
    "gmi": {"steps": 600, "restarts": 5, "micro_batch": 128},
    "kedmi": {"steps": 1_200, "restarts": 5, "micro_batch": 128},
    "vmi": {"steps": 600, "restarts": 5, "micro_batch": 128},
}
QUICK_ATTACKS: dict[str, dict[str, Any]] = {
    "decoder": {"steps": 100, "restarts": 4},
    "gmi": {"steps": 100, "restarts": 4},
    "kedmi": {"steps": 150, "restarts": 4},
    "vmi": {"steps": 100, "restarts": 4},
}


@dataclass
class Faces:
    """The models and options that all cells of a run share.

    Attributes:
        work: folder of the trained models.
        identities: class indices that are attacked.
        seeds, settings, attacks: run for every prior.
        null: whether the target is trained on other people, so that it cannot leak these.
        options: hyper-parameters by attack.
        config: hyper-parameters of all attacks. They override `options` and the options for a
            prior of principal components.
        prior_kind: replaces the kind of prior of each attack.
        prior_options, student_options: override entries of the recipes.
    """

    data: Path
    work: Path
    out: Path
    device: str
    target_name: str
    evaluator_name: str
    identities: list[int]
    seeds: list[int]
    settings: list[str]
    attacks: list[str]
    options: dict[str, dict[str, Any]]
    config: dict[str, Any]
    prior_kind: str | None
    prior_options: dict[str, Any]
    student_recipe: dict[str, Any] | None
    student_options: dict[str, Any]
    student_images: int
    null: bool
    targets: dict[str, TargetRecipe]
    evaluators: dict[str, TargetRecipe]

    def classifier(self, name: str, recipe: TargetRecipe) -> tuple[Target, dict[str, Any]]:
        """Return the target or evaluator of this recipe, trained once, and its card."""
        work = self.work / name
        if not (work / "target.json").exists():
            work.mkdir(parents=True, exist_ok=True)
            train, test = private_sets(self.data / "lfw64-private.zip")
            if name.startswith("target-") and self.null:
                train, test = other_people(self.data / "lfw64-public.zip", len(train.names))

            def progress(done: int, total: int, figures: dict[str, float]) -> None:
                print(f"{name}: epoch {done} of {total}, loss {figures['loss']:.3f}", flush=True)

            T = train_target(
                train.images, train.labels, recipe, checkpoint=work / "checkpoint.pt", device=self.device,
                progress=progress,
            )  # fmt: skip
            save_target(T, recipe, train, test, work)
        T, card = open_target(work)
        print(f"{name}: {card['test_accuracy']:.1%} of {card['test_images']} test images", flush=True)
        return T, card

    def prior(self, name: str, kind: str, public: np.ndarray, target: Target, digest: str) -> Path:
        """Return the file of the shipped prior or of one of this kind trained on `public`."""
        if name == "built-in":
            path = built_in_prior(SHAPE)
            if path is None:
                raise SystemExit("no prior is shipped for 64x64 colour images")
            return path
        needs = target if kind == "kedmi" else None
        recipe = PRIORS.get(kind) or default_prior_recipe(SHAPE, kind, num_classes=target.num_classes)
        recipe = recipe | self.prior_options
        key = prior_key(images_digest(public), recipe, target=digest)
        path = self.work / f"prior-{name}-{kind}-{key[7:19]}.safetensors"
        if not path.exists():
            state = path.with_suffix(".pt")
            prior = train_prior(public, recipe, seed=0, target=needs, checkpoint=state, device=self.device)
            save_prior(prior.cpu(), path)
        return path

    def students(self, target: Target, digest: str, public: np.ndarray, seed: int) -> tuple[list[Target], float]:
        """Return students distilled once on part of `public`, and the seconds spent now."""
        recipe = (self.student_recipe or default_student_recipe(target.convention)) | self.student_options
        images = public[:: max(1, len(public) // self.student_images)][: self.student_images]
        key = students_key(digest, images_digest(images), recipe, seed)
        path, start = self.work / f"students-{key[7:27]}.safetensors", time.perf_counter()
        if not path.exists():
            save_students([S.cpu() for S in train_students(target, images, recipe, seed=seed)], recipe, path)
        return [S.to(self.device) for S in load_students(path)], time.perf_counter() - start

    def nearest_public(self, target: Target, digest: str, public: np.ndarray) -> np.ndarray:
        """Return the control that takes the public image which the target scores highest.

        It averages eight views of every image and is computed once.
        """
        content = json.dumps([digest, images_digest(public), self.identities])
        path = self.work / f"nearest-public-{hashlib.sha256(content.encode()).hexdigest()[:20]}.npy"
        if not path.exists():
            np.save(path, nearest_public_control(copy.deepcopy(target).cpu(), public, self.identities, views=8))
        found: np.ndarray = np.load(path)
        return found

    def run(self, priors: list[str]) -> None:
        name = f"target-{self.target_name}{'-null' if self.null else ''}"
        target, card = self.classifier(name, self.targets[self.target_name])
        model, _ = self.classifier(f"evaluator-{self.evaluator_name}", self.evaluators[self.evaluator_name])
        references, held_out = private_sets(self.data / "lfw64-private.zip")
        verifiers = [Remembering(Verifier(p)) for p in sorted(self.data.glob("verifier-face64-*.onnx"))]
        target = target.to(self.device)
        for name in priors:
            public = read_zip(self.data / PUBLIC[name]).images
            regular = public_features(target, public)
            controls = {"nearest-public": self.nearest_public(target, card["sha256"], public)}
            for seed in self.seeds:
                students: list[Target] = []
                distilling = 0.0
                if any(s in ("ma", "lomma") for s in self.settings):
                    students, distilling = self.students(target, card["sha256"], public, seed)
                for attack_name in self.attacks:
                    kind = self.prior_kind or attacks[attack_name].prior_kind or "wgan-gp"  # for its control
                    path = self.prior(name, kind, public, target, card["sha256"])
                    for setting in self.settings:
                        prior = load_prior(path).to(self.device)
                        fitting = PCA_OPTIONS.get(attack_name, {}) if prior.recipe.kind == "pca" else {}
                        given = {"attack": attack_name, "setting": setting}
                        given |= self.options.get(attack_name, {}) | fitting | self.config
                        attack = Attack.from_dict(given)
                        own = students if attack.uses_students else []
                        start, latents = time.perf_counter(), None
                        if attack.uses_decoder:
                            prior, latents, *_ = refit_domain(target, prior, public, regular, attack, seed=seed)
                        found = run_attack(
                            target, own, prior, regular, self.identities, attack, seed=seed, decoded=latents
                        )
                        seconds = time.perf_counter() - start
                        figures = judged(
                            found, prior, references, Evaluator(model), verifiers, attack, seed, held_out=held_out,
                            controls=controls,
                        )  # fmt: skip
                        line = {
                            "bench": "faces", "target": f"sha256:{card['sha256']}",
                            "target_name": self.target_name + (", null" if self.null else ""),
                            "target_accuracy": card["test_accuracy"], "prior": file_digest(path), "prior_name": name,
                            "prior_kind": prior.recipe.kind, "attack": attack_name, "setting": setting, "seed": seed,
                            "identities": len(self.identities), **figures, "seconds": round(seconds, 1),
                            "seconds_students": round(distilling, 1) if own else 0,
                            "student_options": self.student_options if own else {},
                            "student_images": min(self.student_images, len(public)) if own else 0,
                            "config": attack.to_dict(), **stamp(self.device),
                        }  # fmt: skip
                        record(line, self.out)


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Parse the options of this benchmark from the command line or from a list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--work", type=Path, default=Path(".cache/faces"))
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--quick", action="store_true", help="smaller run for two cores; other options still apply")
    parser.add_argument("--target", choices=sorted(TARGETS))
    parser.add_argument("--evaluator", choices=sorted(EVALUATORS))
    parser.add_argument("--priors", nargs="+", choices=sorted(PUBLIC))
    parser.add_argument("--attacks", nargs="+", default=["gmi", "kedmi", "vmi"], choices=sorted(attacks))
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS), choices=SETTINGS)
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--identities", type=int)
    parser.add_argument("--prior-kind", choices=sorted(MAKERS), help="replaces the kind of prior of each attack")
    parser.add_argument("--prior-options", type=json.loads, default={}, help="JSON, overrides the recipe")
    parser.add_argument("--student-images", type=int)
    parser.add_argument("--student-options", type=json.loads, default={}, help="JSON, overrides the recipe")
    parser.add_argument("--config", type=json.loads, default={}, help="JSON of further attack settings")
    parser.add_argument("--null", action="store_true", help="the target is trained on other people")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--table", action="store_true", help="only print the table of recorded cells")
    return parser.parse_args(given)


def bench_of(args: argparse.Namespace) -> Faces:
    """Return the run that these arguments describe."""
    classes = 74
    count = min(args.identities or (20 if args.quick else classes), classes)
    options = QUICK_ATTACKS if args.quick else FULL_ATTACKS
    return Faces(
        data=args.data, work=args.work, out=args.out, device=args.device,
        target_name=args.target or ("small-cnn" if args.quick else "vgg16-bn"),
        evaluator_name=args.evaluator or ("small-cnn" if args.quick else "ir-50-112"),
        identities=[i * classes // count for i in range(count)],
        seeds=args.seeds or ([0] if args.quick else [0, 1, 2]), settings=args.settings, attacks=args.attacks,
        options={name: options.get(name, {}) for name in args.attacks}, config=args.config,
        prior_kind=args.prior_kind, prior_options=args.prior_options,
        student_recipe=QUICK_STUDENTS if args.quick else None, student_options=args.student_options,
        student_images=args.student_images or (2_000 if args.quick else 100_000),
        null=args.null, targets=TARGETS, evaluators=EVALUATORS,
    )  # fmt: skip


def quick_faces(data: Path, work: Path, identities: int, *, target: str = "small-cnn", null: bool = False) -> Faces:
    """Return the setup of `--quick` for other benchmarks."""
    given = ["--quick", "--data", str(data), "--work", str(work), "--target", target, "--identities", str(identities)]
    return bench_of(arguments([*given, *(["--null"] if null else [])]))


def main() -> None:
    args = arguments()
    if not args.table:
        if args.data is None:
            raise SystemExit("--data is required: the folder of the face sets and verifiers")
        torch.set_num_threads(args.threads)
        bench_of(args).run(args.priors or (["built-in"] if args.quick else ["fairface", "lfw"]))
    table(args.out)


if __name__ == "__main__":
    main()
