"""`exhume worker` becomes the worker, with the device that it was given."""

import os

import pytest
from typer.testing import CliRunner

from app.cli import serve
from app.cli.root import app
from app.contract.exit_codes import Exit
from app.settings import settings


@pytest.mark.parametrize(
    ("arguments", "device", "passed"),
    [
        (["--device", "cuda:1", "--queues", "exhume"], "cuda:1", ["--queues", "exhume"]),
        (["--concurrency", "2"], "cpu", ["--concurrency", "2"]),
    ],
)
def test_a_worker_computes_on_the_device_that_it_is_given(
    arguments: list[str], device: str, passed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    became: list[tuple[str, list[str], str, str]] = []

    def become(process: str, rest: list[str]) -> None:
        became.append((process, list(rest), os.environ["EXHUME_DEVICE"], settings().device))

    monkeypatch.setattr(serve, "become", become)
    own = {"EXHUME_DEVICE": "cpu", "DATABASE_URL": "postgresql://db/exhume", "REDIS_URL": "redis://broker/0"}
    monkeypatch.setattr(os, "environ", os.environ | own)
    settings.cache_clear()
    try:
        done = CliRunner().invoke(app, ["worker", *arguments])
    finally:
        settings.cache_clear()
    assert done.exit_code == 0, done.output
    assert became == [("worker", passed, device, device)]


def test_a_device_that_no_setting_names_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "become", lambda *_: pytest.fail("it starts"))
    monkeypatch.setattr(os, "environ", dict(os.environ))
    try:
        done = CliRunner().invoke(app, ["worker", "--device", "gpu9"])
    finally:
        settings.cache_clear()
    assert done.exit_code == Exit.USAGE
    assert "EXHUME_DEVICE" in done.output
