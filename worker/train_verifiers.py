"""Train a pair of verifiers from a labelled image set, in a separate process.

    python -m worker.train_verifiers --images SET.zip --out DIR [--references SET.zip]
        [--name N] [--steps N] [--symmetries 1|8] [--seed N]

Prints JSON lines: {"event": "note", "text"} for images that were changed or left out, {"event":
"progress", "done", "total", "metrics"} while training, and {"event": "done", "cards"} or {"event":
"failed", "detail"} at the end. The sets are read in the sandbox, like uploads.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from worker.evaluation.verifier_pair import train_pair
from worker.intake import Refused, check_dataset_file
from worker.inversion.errors import EngineError

EXPORTERS = ("onnx", "onnxscript")
MISSING = (
    "Verifiers are written as ONNX files, which needs packages that are not installed: {}. Install them with "
    "`pip install 'exhume[train-verifiers]'`, or in a clone with `pip install -e '.[train-verifiers]'`."
)


def say(event: str, **more: Any) -> None:
    """Print one event for the parent."""
    sys.stdout.write(json.dumps({"event": event, **more}) + "\n")
    sys.stdout.flush()


def read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return images and labels of a set that the user named. Raises: Refused."""
    with tempfile.TemporaryDirectory(prefix="exhume-verifiers-") as folder:
        packed = Path(folder) / "packed.npz"
        for note in check_dataset_file(path, packed).notes:
            say("note", text=f"{path.name}: {note}")
        with np.load(packed, allow_pickle=False) as stored:
            return stored["images"], stored["labels"]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--references", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="verifier")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--symmetries", type=int, choices=(1, 8), default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if missing := [name for name in EXPORTERS if importlib.util.find_spec(name) is None]:
        say("failed", detail=MISSING.format(", ".join(missing)))
        sys.exit(1)
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        images, labels = read(options.images)
        cards = train_pair(
            images,
            labels,
            options.out,
            name=options.name,
            steps=options.steps,
            symmetries=options.symmetries,
            seed=options.seed,
            references=None if options.references is None else read(options.references),
            progress=lambda done, total, metrics: say("progress", done=done, total=total, metrics=metrics),
        )
    except (Refused, EngineError) as error:
        say("failed", detail=error.detail if isinstance(error, Refused) else str(error))
        sys.exit(1)
    say("done", cards=cards)


if __name__ == "__main__":
    main()
