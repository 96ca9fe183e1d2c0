"""The stages: one file each, that reads load, call, store. Found by name, imported late (they bring torch)."""

from importlib import import_module

from app.jobs.stages import Stage
from worker.runtime.context import Stage as Run


def load_stage(name: str) -> Run:
    """The function `run` of the stage's module."""
    run: Run = import_module(f"worker.stages.{Stage(name)}").run
    return run
