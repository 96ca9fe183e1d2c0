"""Train the shipped 32 px reference model of the power check and its students.

    python -m bench.make.train_power_reference [--measure-only] [--settings lomma] \\
        [--efforts standard]
    python -m bench.make.train_power_reference --measure-only --settings lomma --efforts deep \\
        --record-leak

Writes worker/bundled/power-*.json (the card), the model and its students in half precision. Then
attacks the model in every setting and prints R per plan. The model is trained on the 90 private
characters, which the shipped prior has not seen. `--record-leak` stores the R of the last plan in
the card. The service describes the model as known to leak only if the card has it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from app.contract.attack_labels import attack_label
from app.contract.engine import PRESETS
from worker.bundled import omniglot
from worker.evaluation.evaluator import load_evaluator, save_evaluator
from worker.evaluation.power import IDENTITIES, measure_power
from worker.evaluation.procedure import OtherModel
from worker.evaluation.reference import train_reference
from worker.evaluation.verifiers import BUNDLED, bundled_verifiers
from worker.inversion.attacks import SETTINGS, Attack
from worker.inversion.data import images_digest
from worker.inversion.priors import load_prior
from worker.inversion.students import default_student_recipe, load_students, save_students, train_students

STUDENT_SEED = 0


def halved(path: Path) -> None:
    """Store the floats of a safetensors file in half precision.

    Loading copies them into float32 networks.
    """
    with safe_open(path, framework="pt") as file:
        meta, tensors = file.metadata(), {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118 (not a mapping)
    save_file({k: v.half() if v.is_floating_point() else v for k, v in tensors.items()}, path, metadata=meta)


def train(card: Path, prior_key: str) -> None:
    """Train the model and its students, and write the card."""
    data, start = omniglot.load(), time.perf_counter()
    private = data.private_train
    model = card.with_suffix(".safetensors")
    reference = train_reference(private.images, private.labels, classes=len(private.names))
    save_evaluator(reference, model)
    halved(model)
    target = load_evaluator(model).model
    recipe = default_student_recipe(target.convention)
    students = card.with_name(card.stem + "-students.safetensors")
    save_students(train_students(target, data.public.images, recipe, seed=STUDENT_SEED), recipe, students)
    halved(students)
    held = data.private_held_out
    right = (load_evaluator(model).top(held.images, 1)[:, 0] == held.labels).mean()
    text = {
        "prior": prior_key,
        "shape": [1, 32, 32],
        "trained_on": images_digest(private.images),
        "public_images": images_digest(data.public.images),
        "student_recipe": recipe,
        "held_out_accuracy": float(right),
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "students_sha256": hashlib.sha256(students.read_bytes()).hexdigest(),
        "source": "Omniglot (Lake et al., 2015; MIT), alphabets Korean, Latin and Greek",
    }
    card.write_text(json.dumps(text, indent=2) + "\n")
    print(
        f"held-out accuracy {right:.1%}, {time.perf_counter() - start:.0f} s, {model.stat().st_size} bytes", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure-only", action="store_true")
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS), choices=SETTINGS)
    parser.add_argument("--efforts", nargs="+", default=["standard"], choices=list(PRESETS))
    parser.add_argument("--record-leak", action="store_true", help="store the R of the last plan in the card")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    prior_key = json.loads((BUNDLED / "prior-omniglot32.json").read_text())["key"]
    card = BUNDLED / f"power-{prior_key.removeprefix('sha256:')[:16]}.json"
    if not args.measure_only:
        train(card, prior_key)
    data, prior = omniglot.load(), load_prior(BUNDLED / "prior-omniglot32.safetensors")
    target = load_evaluator(card.with_suffix(".safetensors")).model
    students = load_students(card.with_name(card.stem + "-students.safetensors"))
    identities = list(range(0, 90, 90 // IDENTITIES))[:IDENTITIES]
    model = OtherModel(target, data.public.images, seed=0)
    for effort in args.efforts:
        preset = PRESETS[effort]
        for setting in args.settings:
            start = time.perf_counter()
            config = Attack.from_dict({"setting": setting, "steps": preset.steps, "restarts": preset.restarts})
            used = students[: preset.students] if config.uses_students else []
            found = model.attack(prior, identities, config, students=used)
            power = measure_power(
                [found], (data.private_train.images, data.private_train.labels),
                bundled_verifiers(prior.shape),
                held_out=(data.private_held_out.images, data.private_held_out.labels), seed=0,
            )  # fmt: skip
            line = {"setting": setting, "effort": effort, **power.to_dict(), "seconds": time.perf_counter() - start}
            print(json.dumps(line), flush=True)
            if args.record_leak:
                plan = f"{attack_label(config.name, setting, 'trained')}, {effort} effort"
                text = json.loads(card.read_text()) | {"leak": {"plan": plan, "R": power.risk.R.to_dict()}}
                card.write_text(json.dumps(text, indent=2) + "\n")


if __name__ == "__main__":
    main()
