"""Dependencies between parts: import contracts, and modules that a process must not load."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "torchvision", "timm", "onnxruntime", "scipy", "weasyprint")
LARGEST_API_KB = 140 * 1024

REPORT = """
import json, sys
{imports}
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({{"modules": sorted(sys.modules), "kb": int(status["VmRSS"].split()[0])}}))
"""


def loaded_by(imports: str) -> dict[str, object]:
    """Return modules and resident memory of a new Python process that ran `imports`."""
    script = REPORT.format(imports=imports)
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL": "postgresql:///none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def contract(name: str) -> dict[str, Any]:
    """Return the import contract whose name begins like this."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (found,) = (one for one in contracts if one["name"].startswith(name))
    return dict(found)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("Of the service, the client and bench", {"contract", "formats"}),
        ("The engine is pure", {"formats", "statistics"}),
    ],
)
def test_bench_the_client_and_the_engine_may_import_little_of_the_service(name: str, allowed: set[str]) -> None:
    """A new package of `app` must be added to the lists of those that they must not import."""
    modules = {
        path.stem for path in (ROOT / "app").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    forbidden = {module.removeprefix("app.") for module in contract(name)["forbidden_modules"]}
    assert modules - forbidden - {"__init__", "__main__"} == allowed


@pytest.mark.parametrize("part", ["service", "worker"])
def test_the_tables_of_the_architecture_are_the_layers(part: str) -> None:
    layers = contract(f"The {part}, from top to bottom")["layers"]
    page = (ROOT / "docs" / "architecture.md").read_text()
    table = page.partition(f"The {part}, `")[2].partition("|---|---|\n")[2].partition("\n\n")[0]
    rows = [re.findall(r"`([a-z_]+)`", line.split("|")[1]) for line in table.splitlines()]
    assert rows == [[one for one in layer.split(" | ") if one != "__main__"] for layer in layers]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc")
@pytest.mark.parametrize(
    "imports",
    [
        "import app.main; app.main.create_app()",
        "import worker.celery_app, worker.tasks",
        "import app.scheduler.loop, app.cli.processes.scheduler",
        "import app.cli.root, typer; list(typer.main.get_command(app.cli.root.app).commands.values())",
    ],
    ids=["api", "worker parent", "scheduler", "command line"],
)
def test_only_a_worker_s_child_loads_the_engine(imports: str) -> None:
    modules = loaded_by(imports)["modules"]
    assert isinstance(modules, list)
    assert not [name for name in HEAVY if name in modules]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc")
def test_the_api_starts_below_140_megabytes() -> None:
    found = loaded_by("import uvicorn, uvloop, httptools, app.main; app.main.create_app()")
    assert isinstance(found["kb"], int)
    assert found["kb"] < LARGEST_API_KB
