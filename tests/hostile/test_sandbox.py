"""Promises of the sandbox, each tested by a probe inside that tries to break it."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.formats.refusal import Refused
from worker.intake.sandbox import SandboxLimits, level, run, run_sandboxed
from worker.intake.sandbox.warm import warm_parent
from worker.warm.client import WarmParent

MIB = 1024 * 1024
LIMITS = SandboxLimits(memory_bytes=1024 * MIB, seconds=60, cpu_seconds=20, file_bytes=4 * MIB, disk_bytes=16 * MIB)
BREAKOUTS = Path(__file__).parent / "breakouts"


@pytest.fixture(scope="module", params=["in a fresh interpreter", "forked"])
def parent(request: pytest.FixtureRequest) -> Iterator[WarmParent]:
    """Run each test in both ways. The parent of forks does not load torch, which takes seconds."""
    parent = warm_parent(("worker.intake.images.zip_set",))
    if request.param == "forked":
        parent.start()
    yield parent
    parent.stop()


@pytest.fixture(autouse=True)
def way(parent: WarmParent, monkeypatch: pytest.MonkeyPatch) -> None:
    level.cache_clear()
    monkeypatch.setattr(run, "WARM", parent)
    assert parent.wait(60) == (parent.pid is not None)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    (tmp_path / "others").mkdir(mode=0o700)
    path = tmp_path / "others" / "secret"
    path.write_text("exh_secret")
    return path


def attempt(name: str, folder: Path, limits: SandboxLimits = LIMITS, **request: Any) -> dict[str, Any]:
    for part in ("input", "work"):
        (folder / part).mkdir()
    upload = folder / "input" / "upload"
    upload.write_bytes(b"upload")
    return run_sandboxed(
        f"breakouts:{name}", request, input_path=upload, work=folder / "work", limits=limits, code=(BREAKOUTS,)
    )


def refused(name: str, folder: Path, limits: SandboxLimits = LIMITS, **request: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        attempt(name, folder, limits, **request)
    return caught.value


needs_full = pytest.mark.skipif(
    os.environ.get("EXHUME_TEST_SANDBOX") == "limits",
    reason="EXHUME_TEST_SANDBOX says that the kernel lacks seccomp or Landlock",
)


@needs_full
def test_level_is_full_where_the_kernel_allows() -> None:
    found = level()
    assert found.name == "full", found.promises
    assert all(found.promises.values())
    assert found.to_dict()["promises"] == found.promises


@needs_full
def test_no_network(tmp_path: Path) -> None:
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as unix:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        unix.bind(str(tmp_path / "u"))
        unix.listen()
        found = attempt("network", tmp_path, port=tcp.getsockname()[1], unix=str(tmp_path / "u"))
    assert "done" not in found.values(), found


@needs_full
def test_no_secrets(tmp_path: Path, secret: Path) -> None:
    found = attempt("secrets", tmp_path, secret=str(secret), home=str(Path.home()))
    assert len(found) == 7
    assert "done" not in found.values(), found


def test_no_environment_and_no_open_file_is_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("EXHUME_SECRET_KEY", "secret")
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        found = attempt("surroundings", tmp_path)
    assert not {"DATABASE_URL", "EXHUME_SECRET_KEY"} & set(found["environment"])
    assert set(found["environment"]) <= {
        *("PATH", "HOME", "USER", "TMPDIR", "LANG", "LC_CTYPE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
        *("MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "HF_HUB_OFFLINE", "TORCHINDUCTOR_CACHE_DIR"),
    }
    assert [n for n in found["files"] if n > 3] in ([], [4]), "only the listing itself is open beside the four"
    assert int(found["capabilities"], 16) == 0


@needs_full
def test_no_processes_no_programs_no_signals(tmp_path: Path) -> None:
    found = attempt("processes", tmp_path)
    assert found.pop("thread") == "done", "torch needs threads"
    assert "done" not in found.values(), found


@needs_full
def test_fork_bomb_makes_nothing(tmp_path: Path) -> None:
    assert attempt("fork_bomb", tmp_path) == {"made": 0}


@needs_full
def test_no_writing_outside_and_the_upload_stays_as_it_was(tmp_path: Path) -> None:
    found = attempt("writing", tmp_path, outside=str(tmp_path))
    assert found.pop("scratch") == "done"
    assert "done" not in found.values(), found
    assert (tmp_path / "input" / "upload").read_bytes() == b"upload"


@needs_full
def test_no_vandalism_as_the_same_user(tmp_path: Path, secret: Path) -> None:
    before = secret.stat()
    found = attempt("vandalism", tmp_path, victim=str(secret))
    assert len(found) == 12
    assert "done" not in found.values(), found
    assert secret.stat() == before


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("fill_memory", "too-much-memory"),
        ("fill_one_file", "too-much-disk"),
        ("fill_by_safetensors", "too-much-disk"),
        ("fill_disk", "too-much-disk"),
        ("fill_with_names", "too-much-disk"),
        ("crash", "examination-crashed"),
        ("vanish", "examination-crashed"),
        ("flood", "examination-crashed"),
    ],
)
def test_exhaustion_and_crashes_are_refusals(name: str, code: str, tmp_path: Path) -> None:
    assert refused(name, tmp_path).code == code


@pytest.mark.parametrize("name", ["loop", "sleep"])
def test_hanging_is_cut_short(name: str, tmp_path: Path) -> None:
    begin = time.monotonic()
    short = SandboxLimits(memory_bytes=1024 * MIB, seconds=1, cpu_seconds=60, file_bytes=MIB, disk_bytes=MIB)
    assert refused(name, tmp_path, short).code == "took-too-long"
    assert time.monotonic() - begin < 50  # it would sleep or loop for 60


def test_processor_time_is_bounded(tmp_path: Path) -> None:
    short = SandboxLimits(memory_bytes=1024 * MIB, seconds=60, cpu_seconds=1, file_bytes=MIB, disk_bytes=MIB)
    begin = time.monotonic()
    found = refused("loop", tmp_path, short)
    assert found.code in ("took-too-long", "examination-crashed")
    assert time.monotonic() - begin < 50


def test_noise_on_standard_error_is_cut_not_kept(tmp_path: Path) -> None:
    assert attempt("flood_errors", tmp_path) == {"still": "here"}


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "nonsense",
        "[" * 100_000,
        json.dumps({"done": "no object"}),
        json.dumps({"done": [1], "refused": 1}),
        json.dumps({"refused": {"code": "../etc", "detail": "x", "errors": []}}),
        json.dumps({"refused": {"code": "ok", "detail": "x", "errors": [1]}}),
        json.dumps({"failed": "memory "}),
    ],
)
def test_nonsense_from_inside_is_not_believed(answer: str, tmp_path: Path) -> None:
    assert refused("answer", tmp_path, answer=answer).code == "examination-crashed"


def test_text_from_inside_is_made_printable(tmp_path: Path) -> None:
    refusal = {
        "code": "made-up",
        "detail": "\x1b[2J" + "x" * 100_000,
        "errors": [{"detail": "\0", "name": "\n", "more": {}}],
    }
    found = refused("answer", tmp_path, answer=json.dumps({"refused": refusal}))
    assert found.detail.isprintable()
    assert len(found.detail) <= 4000
    assert found.errors == [{"detail": "\ufffd", "name": "\ufffd"}]
