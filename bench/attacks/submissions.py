"""Attack a face classifier with the portfolio of an effort, and count the people that are shown.

    python -m bench.attacks.submissions --data DIR --work DIR --priors lfw fairface
    python -m bench.attacks.submissions --data DIR --work DIR --priors lfw --seeds 0 --null
    python -m bench.attacks.submissions --table

The attacks and their settings are those that an audit of photographs plans, on a prior of
principal components (`app.contract.engine`). Targets, priors, data and verifiers are those of
`bench.attacks.faces`. Writes one JSON line per prior and seed to
`bench/results/submissions.jsonl`: the share verified of each attack and of any of them, what each
adds to those before it, controls with as many images as the attacks, R, and the seconds.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch

from app.contract.choices import Effort
from app.contract.engine import PCA_OPTIONS, PORTFOLIOS, planned_effort
from bench.attacks.cells import Remembering, stamp
from bench.attacks.faces import PUBLIC, TARGETS, Faces, quick_faces
from bench.attacks.image_sets import private_sets, read_zip
from worker.evaluation.controls import prior_control
from worker.evaluation.portfolio import combined, common_error, controls_of, risk_of
from worker.evaluation.procedure import Attacked, OtherModel
from worker.evaluation.verification import Verification, verify
from worker.evaluation.verifiers import Verifier
from worker.inversion.acceleration import Precision
from worker.inversion.attacks import Attack
from worker.inversion.priors import load_prior

RESULTS = Path(__file__).resolve().parents[1] / "results" / "submissions.jsonl"


def planned(name: str, effort: Effort, precision: str, beside: tuple[str, ...]) -> Attack:
    """Return an attack as an audit of photographs plans it."""
    tries = planned_effort(name, "pca", effort, beside)
    named = {"attack": name, "setting": "lom", "precision": precision}
    return Attack.from_dict(named | {"steps": tries.steps, "restarts": tries.restarts} | PCA_OPTIONS.get(name, {}))


def run(
    faces: Faces, prior_name: str, seed: int, effort: Effort, names: tuple[str, ...], precision: str
) -> dict[str, Any]:
    """Attack with every attack of the portfolio. Return a line of figures."""
    label = f"target-{faces.target_name}{'-null' if faces.null else ''}"
    target, card = faces.classifier(label, faces.targets[faces.target_name])
    references, held_out = private_sets(faces.data / "lfw64-private.zip")
    public = read_zip(faces.data / PUBLIC[prior_name]).images
    prior = load_prior(faces.prior(prior_name, "pca", public, target, card["sha256"]))
    nearest = faces.nearest_public(target, card["sha256"], public)
    verifiers = [Remembering(Verifier(path)) for path in sorted(faces.data.glob("verifier-face64-*.onnx"))]
    began, attacked, drawn = time.process_time(), [], 0
    model, seconds = OtherModel(target, public, seed=seed), {}
    for name in names:
        start = time.process_time()
        config = planned(name, effort, precision, names)
        attacked.append(model.attack(prior, faces.identities, config)._replace(first_draw=drawn))
        seconds[name], drawn = round(time.process_time() - start, 1), drawn + config.restarts
    total = time.process_time() - began

    def verified(one: Attacked) -> Verification:
        samples = prior_control(
            one.prior, faces.identities, draws=one.config.restarts, seed=seed, first=one.first_draw,
            consensus=one.config.selection == "consensus",
        )  # fmt: skip
        return verify(
            np.stack([r.image for r in one.submitted]), np.array([r.identity for r in one.submitted]),
            references.images, references.labels, verifiers,
            reconstructions=np.stack([r.image for r in one.found]),
            reconstructed_for=[r.identity for r in one.found],
            controls={"prior": samples, "nearest-public": nearest},
            held_out=(held_out.images, held_out.labels),
        )  # fmt: skip

    each = [verified(one) for one in attacked]
    union, rivals = combined(each, "union")
    R = risk_of(union, rivals, error=common_error(each), seed=seed)
    so_far, added = np.zeros(len(faces.identities), bool), []
    for one in each:
        added.append(float((one.success & ~so_far).mean()))
        so_far |= one.success
    return {
        "bench": "submissions", "target": faces.target_name + (", null" if faces.null else ""),
        "target_accuracy": card["test_accuracy"], "prior": prior_name, "effort": effort, "precision": precision,
        "seed": seed, "identities": len(faces.identities), "attacks": list(names),
        "verified_each": [float(one.success.mean()) for one in each], "added": added,
        "verified": float(union.success.mean()),
        "controls": {name: float(hits.mean()) for name, hits in controls_of(union).items()},
        "R": R.R.to_dict(), "bound_low": R.lower, "success": [one.success.astype(int).tolist() for one in each],
        "processor_seconds": round(total, 1), "processor_seconds_each": seconds, **stamp(),
    }  # fmt: skip


def table(path: Path) -> None:
    """Print the recorded lines."""
    for text in path.read_text().splitlines():
        line = json.loads(text)
        parts = ", ".join(f"{n} {v:.1%}" for n, v in zip(line["attacks"], line["verified_each"], strict=True))
        controls = ", ".join(f"{n} {v:.1%}" for n, v in line["controls"].items())
        print(
            f"{line['target']:16} {line['prior']:9} {line['effort']:8} seed {line['seed']}: any {line['verified']:.1%} "
            f"({parts}); controls {controls}; R {line['R']['value']:.1%} [{line['R']['low']:.1%}, "
            f"{line['R']['high']:.1%}], {line['processor_seconds']:.0f} s"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--work", type=Path, default=Path(".cache/faces"))
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--target", choices=sorted(TARGETS), default="small-cnn")
    parser.add_argument("--priors", nargs="+", choices=["lfw", "fairface"], default=["lfw", "fairface"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--effort", choices=get_args(Effort), default="standard")
    parser.add_argument("--attacks", nargs="+", help="in place of the portfolio of the effort")
    parser.add_argument("--precision", choices=get_args(Precision), default="float32", help="of the searches")
    parser.add_argument("--identities", type=int, default=74)
    parser.add_argument("--null", action="store_true", help="the target is trained on other people")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--table", action="store_true", help="only print what was recorded")
    args = parser.parse_args()
    if not args.table:
        if args.data is None:
            raise SystemExit("--data is required: the folder of the face sets and verifiers")
        torch.set_num_threads(args.threads)
        faces = quick_faces(args.data, args.work, args.identities, target=args.target, null=args.null)
        names = tuple(args.attacks or PORTFOLIOS[args.effort].large)
        for prior in args.priors:
            for seed in args.seeds:
                line = run(faces, prior, seed, args.effort, names, args.precision)
                with args.out.open("a") as file:
                    file.write(json.dumps(line) + "\n")
    table(args.out)


if __name__ == "__main__":
    main()
