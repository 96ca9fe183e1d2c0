"""Train a pair of verifiers from a set of images, in a separate process.

    python -m worker.verifier_commands.train --images SET.zip --out DIR [--references SET.zip]
        [--name N] [--steps N] [--symmetries 1|8] [--seed N] [--without-names]

Prints JSON lines: {"event": "note", "text"} for images that were changed or left out, {"event":
"progress", "done", "total", "metrics"} while training, and {"event": "done", "cards"} or {"event":
"failed", "detail"} at the end. The sets are read in the sandbox, like uploads.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from worker.evaluation.verifier_pair import train_pair
from worker.intake import Refused
from worker.inversion.errors import EngineError
from worker.verifier_commands.events import fail, read, require, say

EXPORTERS = ("onnx", "onnxscript")
UNNAMED = (
    "{} does not say who is in which image. The verifiers are trained to recognise an image in changed views of it,"
    " and see less than those trained on several images of each person."
)


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
    parser.add_argument("--without-names", action="store_true")
    options = parser.parse_args()
    require(EXPORTERS)
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        images, labels = read(options.images)
        names = not options.without_names and len(np.unique(labels[labels >= 0])) > 1
        if not names and not options.without_names:
            say("note", text=UNNAMED.format(options.images.name))
        cards = train_pair(
            images,
            labels,
            options.out,
            name=options.name,
            steps=options.steps,
            symmetries=options.symmetries,
            seed=options.seed,
            names=names,
            references=None if options.references is None else read(options.references),
            progress=lambda done, total, metrics: say("progress", done=done, total=total, metrics=metrics),
        )
    except (Refused, EngineError) as error:
        fail(error.detail if isinstance(error, Refused) else str(error))
    say("done", cards=cards)


if __name__ == "__main__":
    main()
