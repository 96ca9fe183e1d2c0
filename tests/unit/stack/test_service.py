"""Parts of the stack: restarts, stop requests, addresses, files, commands."""

import json
import os
import signal
import socket
import stat
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli.stack import address, devices, state
from app.cli.stack.commands import command, environment
from app.cli.stack.service import Service, describe_exit
from app.cli.stack.stack import services
from app.cli.stack.stop_request import Stopped, StopRequest
from app.embedded import lock
from app.embedded.logs import LARGEST_BYTES, open_log, tail
from app.jobs.broker import CHECKS, QUEUE
from app.observability import candidates
from app.observability.amd import AmdGpu
from app.observability.gpus import Gpu
from app.observability.torch_build import TorchBuild
from app.settings import Settings


def test_a_service_that_keeps_ending_is_started_again_with_growing_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("app.cli.stack.service.time.monotonic", lambda: now)
    ends = [sys.executable, "-c", "raise SystemExit(3)"]
    ending = Service("worker", ends, dict(os.environ), tmp_path, to_terminal=False)
    ending.start()
    pauses = []
    for _ in range(7):
        ending.process.wait_or_kill(30)
        message = ending.tend()
        assert message is not None
        assert "worker ended (exit status 3)" in message
        pause = float(message.partition("restarting it in ")[2].partition(" s")[0])
        now += pause - 0.1
        assert ending.tend() is None
        assert not ending.process.running
        now += 0.2
        assert ending.tend() is None  # started
        pauses.append(pause)
    ending.process.wait_or_kill(30)
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize(("code", "text"), [(None, "still running"), (2, "exit status 2"), (-9, "signal 9")])
def test_an_exit_is_described(code: int | None, text: str) -> None:
    assert describe_exit(code) == text


def test_signals_are_wishes_that_are_heard_between_steps() -> None:
    stop = StopRequest()
    with stop.listening():
        stop.wait(0)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            stop.wait(5)
        assert not stop.impatient
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.impatient
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_port_zero_takes_a_free_port() -> None:
    assert address.choose_port(Settings(port=0)) > 0


def test_a_port_in_use_is_rejected_by_the_name_of_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(address.PortBusyError, match="EXHUME_PORT"):
        address.choose_port(Settings(port=other.getsockname()[1]))


def test_an_address_of_another_machine_is_rejected_by_the_name_of_its_setting() -> None:
    with pytest.raises(address.PortBusyError, match="EXHUME_HOST"):
        address.choose_port(Settings(host="192.0.2.1", port=0))


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (Settings(host="0.0.0.0"), "http://127.0.0.1:80"),
        (Settings(host="::"), "http://[::1]:80"),
        (Settings(host="10.0.0.7"), "http://10.0.0.7:80"),
        (Settings(public_url="https://exhume.example/"), "https://exhume.example"),
    ],
)
def test_users_see_an_address_they_can_open(settings: Settings, url: str) -> None:
    assert address.url_of(settings, 80) == url


def test_nothing_listening_is_not_ready() -> None:
    free = address.choose_port(Settings(port=0))
    assert address.readiness(Settings(), free) == (False, {})


def test_a_stack_is_found_only_while_its_supervisor_lives(tmp_path: Path) -> None:
    with lock.held(tmp_path):
        assert state.published(tmp_path) is None
        state.publish(tmp_path, {"url": "http://127.0.0.1:1", "pid": os.getpid()}, "exh_key")
        found = state.published(tmp_path)
        assert found is not None
        assert found["url"] == "http://127.0.0.1:1"
    assert state.published(tmp_path) is None  # the file still exists, but its supervisor does not
    assert json.loads((tmp_path / "run" / "up.json").read_text())
    assert (tmp_path / "run" / "admin.key").read_text() == "exh_key\n"


def test_private_files_stay_private_when_they_replace_open_ones(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("old")
    path.chmod(0o644)
    state.write_private(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


def test_children_never_import_from_the_folder_the_user_stands_in() -> None:
    assert command("api")[1] == "-P"
    assert command("worker", ["--concurrency", "2"])[-2:] == ["--concurrency", "2"]


def test_uploads_have_a_worker_and_a_warm_sandbox_to_themselves() -> None:
    queues = {
        name: words[words.index("--queues") + 1] for name, (words, _) in services().items() if "--queues" in words
    }
    assert queues == {"checker": CHECKS, "worker": QUEUE}
    assert [name for name, (_, own) in services().items() if own.get("EXHUME_WARM_SANDBOX") == "false"] == ["worker"]


def gpu(at: int) -> Gpu:
    return Gpu(at, f"GPU-{at}", "NVIDIA H100", 80 * 2**30, (9, 0), "570.10", (12, 8))


def on(monkeypatch: pytest.MonkeyPatch, count: int, *, build: TorchBuild) -> None:
    """Give the machine so many GPUs, eight processors and this PyTorch."""
    have(monkeypatch, [gpu(at) for at in range(count)], build=build)


def have(monkeypatch: pytest.MonkeyPatch, found: list[Gpu], *, build: TorchBuild, amd: Sequence[AmdGpu] = ()) -> None:
    """Give the machine these GPUs, eight processors and this PyTorch."""
    monkeypatch.setattr(candidates, "gpus", lambda: found)
    monkeypatch.setattr(candidates, "amd_gpus", lambda: list(amd))
    monkeypatch.setattr(candidates, "torch_build", lambda: build)
    monkeypatch.setattr(devices, "torch_build", lambda: build)
    monkeypatch.setattr(devices, "processors", lambda: 8)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_every_gpu_has_a_worker_and_checks_stay_on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, 2, build=TorchBuild("2.13.0", "12.8"))
    workers = devices.worker_environments(Settings(device="auto"))
    started = services(workers)
    assert {
        name: own.get("EXHUME_DEVICE") for name, (_, own) in started.items() if name not in {"api", "scheduler"}
    } == {
        "checker": "cpu",
        "worker": "GPU-0",
        "worker-2": "GPU-1",
    }
    assert started["worker-2"][1]["OMP_NUM_THREADS"] == "4"
    assert devices.worker_environments(Settings(device="auto"), "1") == [{}], "alone, it may fall back to the processor"


@pytest.mark.parametrize(
    ("count", "build", "device", "wanted", "found"),
    [
        (2, TorchBuild("2.13.0", "12.8"), "auto", "0", [{"EXHUME_DEVICE": "cpu"}]),
        (2, TorchBuild("2.13.0", "12.8"), "cuda:1", "all", [{}]),
        (2, TorchBuild("2.13.0+cpu"), "auto", "all", [{}]),
        (0, TorchBuild("2.13.0", "12.8"), "auto", "all", [{}]),
    ],
)
def test_without_a_usable_gpu_there_is_one_worker(
    count: int,
    build: TorchBuild,
    device: str,
    wanted: str,
    found: list[dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on(monkeypatch, count, build=build)
    assert devices.worker_environments(Settings(device=device), wanted) == found


@pytest.mark.parametrize(
    ("wanted", "build", "said"),
    [
        ("3", TorchBuild("2.13.0", "12.8"), "this machine has 2 that can be used"),
        ("1", TorchBuild("2.13.0+cpu"), "built without CUDA"),
        ("two", TorchBuild("2.13.0", "12.8"), "takes a number or all"),
    ],
)
def test_more_gpus_than_there_are_is_a_mistake(
    wanted: str, build: TorchBuild, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, 2, build=build)
    with pytest.raises(devices.GpusError, match=said):
        devices.worker_environments(Settings(device="auto"), wanted)


SMALL = replace(gpu(7), uuid="GPU-small", memory_bytes=2**30)
CUDA = TorchBuild("2.13.0", "12.8")


def test_a_gpu_that_is_known_to_be_unusable_gets_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, [SMALL, gpu(0), gpu(1)], build=CUDA)
    found = devices.worker_environments(Settings(device="auto"))
    assert [one["EXHUME_DEVICE"] for one in found] == ["GPU-0", "GPU-1"]
    have(monkeypatch, [SMALL], build=CUDA)
    assert devices.worker_environments(Settings(device="auto")) == [{}]
    with pytest.raises(devices.GpusError, match=r"has 0 that can be used\. Leave --gpus out .* has 1.0 GiB of memory"):
        devices.worker_environments(Settings(device="auto"), "1")


def test_every_amd_gpu_has_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    amd = [AmdGpu(at, "AMD GPU gfx942", 64 * 2**30) for at in range(3)]
    have(monkeypatch, [], build=TorchBuild("2.13.0", hip="7.0"), amd=amd)
    found = [one["EXHUME_DEVICE"] for one in devices.worker_environments(Settings(device="auto"))]
    assert found == ["cuda:0", "cuda:1", "cuda:2"]
    assert len(devices.worker_environments(Settings(device="auto"), "2")) == 2
    with pytest.raises(devices.GpusError, match="has 3 that can be used"):
        devices.worker_environments(Settings(device="auto"), "4")


@pytest.mark.parametrize(
    ("device", "wanted", "said"),
    [
        ("cuda", "9", "--gpus 9: EXHUME_DEVICE=cuda names the device of the only worker"),
        ("cuda:7", "all", "names cuda:7, but this machine has cuda:0"),
        ("GPU-small", "1", "has 1.0 GiB of memory"),
    ],
)
def test_a_device_that_a_setting_names_is_checked_before_anything_starts(
    device: str, wanted: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    have(monkeypatch, [gpu(0), SMALL], build=CUDA)
    with pytest.raises(devices.GpusError, match=said):
        devices.worker_environments(Settings(device=device), wanted)


def test_a_checkout_that_is_not_installed_is_put_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    import app

    root = Path(app.__file__).parents[1]
    expected = "/elsewhere" if root.name == "site-packages" else f"{root}{os.pathsep}/elsewhere"
    assert environment({"EXHUME_PORT": "1"})["PYTHONPATH"] == expected
    assert environment({"EXHUME_PORT": "1"})["EXHUME_PORT"] == "1"


def test_a_large_log_is_set_aside_and_a_small_one_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_bytes(b"x" * (LARGEST_BYTES + 1))
    with open_log(tmp_path, "api") as log:
        log.write(b"one\n")
    with open_log(tmp_path, "api") as log:
        log.write(b"two\n")
    assert path.read_text() == "one\ntwo\n"
    assert (tmp_path / "api.log.1").stat().st_size == LARGEST_BYTES + 1
    assert tail(path, 1) == "two"
    assert tail(tmp_path / "none.log") == ""
