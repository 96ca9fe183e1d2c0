"""Convert published face recognition models to verifiers, in a separate process.

    python -m worker.verifier_commands.convert --file FILE [--file FILE] --out DIR
        [--references SET.zip]

Prints JSON lines as `train` does. The files are archives of packages or the files in them, which
are only read: nothing in them runs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from worker.evaluation.face_verifiers import convert
from worker.intake import Refused
from worker.inversion.errors import EngineError
from worker.verifier_commands.events import fail, read, require, say


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, action="append", required=True, dest="files")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--references", type=Path)
    options = parser.parse_args()
    require(("onnx",))
    cards = []
    try:
        references = None if options.references is None else read(options.references)
        options.out.mkdir(parents=True, exist_ok=True)
        for done, file in enumerate(options.files):
            cards.append(convert(file, options.out, references=references))
            say("progress", done=done + 1, total=len(options.files), metrics={})
    except (Refused, EngineError) as error:
        fail(error.detail if isinstance(error, Refused) else str(error))
    say("done", cards=cards)


if __name__ == "__main__":
    main()
