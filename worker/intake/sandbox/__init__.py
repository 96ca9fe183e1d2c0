"""A child process in which hostile bytes are opened: little memory, little time, nothing to find, nobody to call."""

from worker.intake.sandbox.level import SandboxLevel, level
from worker.intake.sandbox.run import run_sandboxed
from worker.intake.sandbox.watching import SandboxLimits

__all__ = ["SandboxLevel", "SandboxLimits", "level", "run_sandboxed"]
