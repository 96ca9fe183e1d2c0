"""Runs our code as an unprivileged user in tests that run as root."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

import app

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")


def home_of_nobody(parent: Path) -> Path:
    """Create a home folder below `parent`, which everybody may then enter."""
    parent.chmod(0o711)
    home = parent / "home"
    home.mkdir(mode=0o700)
    os.chown(home, NOBODY, NOBODY)
    return home


def as_nobody(home: Path) -> dict[str, Any]:
    """Return options of `subprocess` for an unprivileged user with only these packages."""
    packages = [str(Path(app.__file__).parents[1]), str(Path(psycopg.__file__).parents[1])]
    variables = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(packages)}
    return {"env": variables, "cwd": "/", "user": NOBODY, "group": NOBODY, "extra_groups": []}


def python_of_everybody() -> str:
    """Return a Python that `nobody` can run and that imports our packages, even below /root."""
    for python in (sys.executable, "/usr/bin/python3"):
        probe = [python, "-P", "-c", "import app.embedded, pydantic_settings, uvicorn"]
        try:
            if subprocess.run(probe, **as_nobody(Path("/")), capture_output=True, check=False).returncode == 0:
                return python
        except (PermissionError, FileNotFoundError):
            continue
    pytest.skip("neither this Python nor the system's can be used by other users with these packages")
