"""Ways to run `exhume` many times.

`Forks` are real processes, forked from one interpreter that imported the CLI. `Here` runs commands
in this process. That is much faster, and suits commands that are rejected before anything else
happens.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import app
from app.settings import settings
from tests.unit.cli import tree

# A child exits in the same way as `exhume`: `main` raises SystemExit, and the interpreter ends.
FORKS = """
import importlib, json, os, sys, tempfile
import app.cli, app.cli.root, app.cli.table, gc, httpx
for entry in app.cli.table.TABLE.values():  # or every child imports the commands that it runs
    for at in (entry.at, *entry.more.values()):
        importlib.import_module(at.partition(":")[0])
httpx.Client().close()  # imports what the first request of every child would
gc.freeze()  # or every child goes through all of this when it ends
for line in sys.stdin:
    asked, started = json.loads(line), []
    for words in asked["commands"]:
        files = [tempfile.TemporaryFile() for _ in "oe"]
        child = os.fork()
        if child == 0:
            os.chdir(asked["folder"])
            os.environ.clear()
            os.environ.update(asked["environment"])
            for file, number in zip(files, (1, 2)):
                os.dup2(file.fileno(), number)
            sys.argv = ["exhume", *words]
            app.cli.main()
            raise SystemExit(99)
        started.append((child, files))
    ended = []
    for child, files in started:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        ended.append([code, *((file.seek(0), file.read().decode())[1] for file in files)])
    print(json.dumps(ended), flush=True)
"""


@dataclass(frozen=True)
class Ended:
    """Exit code and output of a process."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Return both streams on one line."""
        return " ".join(f"{self.out} {self.err}".split())


def environment(folder: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a user who has never started a stack."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(app.__file__).parents[1]),
        "EXHUME_DATA_DIR": str(folder / "data"),
        **(extra or {}),
    }


class Runs:
    """Something that runs `exhume`."""

    def run(self, commands: Mapping[str, Sequence[str]], folder: Path, **extra: str) -> dict[str, Ended]:
        """Run `exhume` with each of these argument lists."""
        raise NotImplementedError

    def one(self, words: Sequence[str], folder: Path, **extra: str) -> Ended:
        """Run `exhume` once."""
        return self.run({"": words}, folder, **extra)[""]


class Here(Runs):
    """This process."""

    def run(self, commands: Mapping[str, Sequence[str]], folder: Path, **extra: str) -> dict[str, Ended]:
        with patch.dict(os.environ, environment(folder, extra), clear=True), chdir(folder):
            settings.cache_clear()
            ended = {name: self._ended(words) for name, words in commands.items()}
        settings.cache_clear()
        return ended

    def _ended(self, words: Sequence[str]) -> Ended:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "oe")
        with redirect_stdout(out), redirect_stderr(err):
            try:
                tree.root().main(list(words), prog_name="exhume")
            except SystemExit as error:
                code = error.code
        assert isinstance(code, int)
        return Ended(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


class Forks(Runs):
    """The process that forks."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, commands: Mapping[str, Sequence[str]], folder: Path, **extra: str) -> dict[str, Ended]:
        """Run `exhume` with each of these argument lists, all at the same time."""
        asked = {"commands": list(commands.values()), "folder": str(folder), "environment": environment(folder, extra)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, "the forking process ended"
        return dict(zip(commands, (Ended(*one) for one in json.loads(answer)), strict=True))


@contextmanager
def forking(folder: Path) -> Iterator[Forks]:
    """Start the process that forks. It ends with the block."""
    words = [sys.executable, "-P", "-c", FORKS]
    with subprocess.Popen(
        words, env=environment(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Forks(process)
        assert process.stdin is not None
        process.stdin.close()
