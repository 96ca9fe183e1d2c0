"""The wheel contains everything that the product needs and requires a built dashboard."""

import ast
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.wheel import WheelBuilder
from hatchling.plugin.utils import load_plugin_from_script

from tests.architecture.source import Module, modules
from worker.verifier_commands.train import EXPORTERS

ROOT = Path(__file__).parents[2]
NEEDED = (
    "app/static/index.html",
    "app/static/assets/index.js",
    "app/cli/root.py",
    "app/openapi.json",
    "app/cli/gate_file/exhume.schema.json",
    "exhume/py.typed",
    "migrations/env.py",
    "migrations/versions/0001_tenants_and_inputs.py",
    "app/formats/architectures.json",
    "worker/bundled/omniglot32.npz",
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Copy the package's files of a clone, without a built dashboard."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore", "openapi.json"):
        shutil.copy(ROOT / name, folder)
    for name in ("app", "exhume", "worker", "migrations"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("static", "__pycache__"))
    return folder


def build(source: Path, version: str) -> Path:
    return Path(next(WheelBuilder(str(source)).build(directory=str(source / "dist"), versions=[version])))


def test_without_the_dashboard_only_an_editable_installation_is_built(source: Path) -> None:
    with pytest.raises(RuntimeError, match="make build"):
        build(source, "standard")
    hook = load_plugin_from_script(str(source / "hatch_build.py"), "hatch_build", BuildHookInterface, "build_hook")
    hook(str(source), {}, None, None, "", "wheel").initialize("editable", {})


def test_the_wheel_holds_code_migrations_data_and_dashboard(source: Path) -> None:
    (source / "app" / "static" / "assets").mkdir(parents=True)
    (source / "app" / "static" / "index.html").write_text("<!doctype html>")
    (source / "app" / "static" / "assets" / "index.js").write_text("")
    with zipfile.ZipFile(build(source, "standard")) as wheel:
        names = set(wheel.namelist())
        entry_points = next(wheel.read(name).decode() for name in names if name.endswith("entry_points.txt"))
        metadata = next(wheel.read(name).decode() for name in names if name.endswith("/METADATA"))
    assert {name for name in NEEDED if name not in names} == set()
    packaged = {
        path.name for path in (ROOT / "worker" / "bundled").iterdir() if path.suffix in {".onnx", ".safetensors"}
    }
    assert {f"worker/bundled/{name}" for name in packaged} <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "frontend/"))]
    assert "exhume = app.cli:main" in entry_points
    required = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*(;.*)?$", metadata, re.MULTILINE)
    of_traces = {"opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http"}
    assert {name for name, extra in required if "extra ==" in extra} == {"onnx", "onnxscript"} | of_traces
    assert {"onnx", "onnxscript"}.isdisjoint(name for name, extra in required if "extra ==" not in extra)


@pytest.mark.xdist_group("syntax trees")
def test_only_making_verifiers_needs_the_packages_of_its_extra() -> None:
    """`torch.onnx.export` imports them. Uploaded ONNX files are read by our own reader."""
    assert {module.name for module in modules("app", "exhume", "worker").values() if exports(module)} == {
        "worker.evaluation.face_verifiers.network",
        "worker.evaluation.verifier_pair",
    }


def exports(module: Module) -> bool:
    for node in module.nodes:
        match node:
            case ast.Attribute(value=ast.Name(id="torch"), attr="onnx"):
                return True
            case ast.ImportFrom(module=str(origin)) if origin.partition(".")[0] in EXPORTERS or origin == "torch.onnx":
                return True
            case ast.Import(names=names) if any(one.name.partition(".")[0] in EXPORTERS for one in names):
                return True
    return False
