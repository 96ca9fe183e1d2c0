"""Writes the seeds as files: `python -m tests.hostile.fuzz.export_seeds PARSER FOLDER`."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tests.hostile.fuzz.seeds import seeds

if __name__ == "__main__":
    parser, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for data in seeds(parser):
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)
