"""Child process that opens untrusted files, with limited memory and time, and without rights."""

from worker.intake.sandbox.level import SandboxLevel, level
from worker.intake.sandbox.run import run_sandboxed
from worker.intake.sandbox.watching import SandboxLimits

__all__ = ["SandboxLevel", "SandboxLimits", "level", "run_sandboxed"]
