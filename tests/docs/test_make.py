"""The documented `make` targets exist, and scripts are valid shell."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISED = {"audit", "demo", "test", "e2e", "check", "up", "setup", "build"}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_promised_target_exists() -> None:
    assert targets() >= PROMISED


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("target", sorted(PROMISED))
def test_make_understands_the_target(target: str) -> None:
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/architecture.md"])
def test_pages_name_only_targets_that_exist(page: str) -> None:
    used = set(re.findall(r"(?:`|^\s*)make ([a-z0-9-]+)", (ROOT / page).read_text(), re.MULTILINE))
    assert used <= targets()


@pytest.mark.parametrize("script", [".ci/run", ".ci/chromium"])
def test_scripts_are_valid_and_stop_at_the_first_error(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    assert "set -euo pipefail" in path.read_text()
    subprocess.run(["bash", "-n", path], check=True)


def test_continuous_integration_runs_only_targets_that_exist() -> None:
    lines = re.findall(r"^step (.+)$", (ROOT / ".ci/run").read_text(), re.MULTILINE)
    steps = {word for line in lines for word in line.split() if not word.startswith("--")}
    assert {"test-python", "test-frontend", "check", "e2e", "audit"} <= steps <= targets()
