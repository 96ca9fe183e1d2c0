"""A checkout in which the scripts of a recipe run, with a stand-in for `exhume`."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CI = ROOT / "ci"
STAND_IN = """#!{python}
import os, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from app.reports.formats import render
from tests.unit.reports.decisions import DECISIONS
Path({log!r}).write_text(repr((sys.argv[1:], os.environ.get("EXHUME_URL"), os.environ.get("EXHUME_API_KEY"))))
outputs = [sys.argv[at + 1].split("=", 1) for at, word in enumerate(sys.argv) if word == "--output"]
for name, file in outputs if os.environ.get("DECISION") else []:
    Path(file).write_bytes(render(name, DECISIONS[os.environ["DECISION"]]))
raise SystemExit(int(os.environ.get("CODE", "0")))
"""


@dataclass
class Checkout:
    """A folder with `exhume.yaml`, and a PATH whose `exhume` writes the reports of a decision.

    The variable DECISION names the decision, and CODE is the exit code.
    """

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "exhume.yaml").write_text("target: badge-reader\n")
        self.bin = self.folder.parent / f"{self.folder.name}-bin"
        self.bin.mkdir()
        self.program("exhume", STAND_IN.format(python=sys.executable, root=str(ROOT), log=str(self.bin / "log")))
        (self.bin / "python3").symlink_to(sys.executable)

    def program(self, name: str, text: str) -> None:
        """Put a program on the PATH."""
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def run(self, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a program of the recipe in the checkout."""
        environment = {"PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(self.folder), "CI": "true", **variables}
        return subprocess.run(
            words, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    def asked(self) -> tuple[list[str], str | None, str | None]:
        """Return the arguments of the last `exhume`, and the server and key it was given."""
        words, url, key = eval((self.bin / "log").read_text(), {})
        return words, url, key

    @property
    def reports(self) -> set[str]:
        """Return the names of the reports."""
        return {file.name for file in (self.folder / "exhume-reports").iterdir()}


def shell(lines: list[str]) -> list[str]:
    """Return the command with which a runner executes the lines of a script."""
    return ["bash", "-eo", "pipefail", "-c", "\n".join(lines)]
