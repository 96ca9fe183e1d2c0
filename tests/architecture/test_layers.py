"""Dependencies between parts: import contracts, and modules that a process must not load."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HEAVY = ("torch", "torchvision", "timm", "onnxruntime", "scipy")
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


def test_bench_and_the_client_may_import_two_packages_of_the_service() -> None:
    """A new package of `app` must be added to the list of those that they must not import."""
    root = Path(__file__).resolve().parents[2]
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (of_both,) = (one for one in contracts if one.get("source_modules") == ["bench", "exhume"])
    modules = {
        path.stem for path in (root / "app").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    forbidden = {name.removeprefix("app.") for name in of_both["forbidden_modules"]}
    assert modules - forbidden - {"__init__", "__main__"} == {"contract", "formats"}


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
