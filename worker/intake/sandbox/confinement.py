"""Restrictions that the child sets on itself before it opens the file, if the kernel has them."""

from __future__ import annotations

import ctypes
import resource
import signal
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from worker.intake.sandbox import landlock, seccomp
from worker.intake.sandbox.privileges import drop_capabilities, leave_network, refuse_new_privileges
from worker.warm.parent import die_with

_SYSTEM = (
    *("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime"),
    *("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/self", "/proc/sys/vm/overcommit_memory", "/sys/devices/system"),
)


def confine(order: dict[str, Any], parent: int) -> dict[str, Any]:
    """Set every limit, then every restriction, and return which of them are in force.

    Restrictions that the kernel lacks are skipped. The worker reports the level that was reached.
    """
    _set_limits(order["limits"])
    reached: dict[str, Any] = {"limits": True, "network": False, "capabilities": False, "landlock": 0, "seccomp": False}
    if sys.platform != "linux":
        return reached
    die_with(parent)
    libc = ctypes.CDLL(None, use_errno=True)
    reached["network"] = leave_network(libc)
    reached["capabilities"] = drop_capabilities(libc)
    if refuse_new_privileges(libc):
        readable = [
            *_SYSTEM,
            sys.prefix,
            sys.base_prefix,
            *_site_folders(),
            *order["code"],
            order["input_folder"],
        ]
        writable = [order["work"], "/dev/null"]
        reached["landlock"] = landlock.restrict(libc, readable, writable)
        reached["seccomp"] = seccomp.restrict(libc)
    return reached


def _site_folders() -> list[str]:
    """Return the folders of installed packages. Never includes the checkout."""
    return [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]


def _mapped_libraries() -> int:
    """Return the address space that importing torch with CUDA takes; 0 for the CPU build."""
    try:
        build = version("torch")
    except PackageNotFoundError:
        return 0
    return 0 if build.endswith("+cpu") else 16 * 1024**3


def _set_limits(limits: dict[str, Any]) -> None:
    """Limit memory, processor time, files and core dumps. Writes past the limit fail: EFBIG."""
    wanted = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(limits["cpu_seconds"])),
        (resource.RLIMIT_FSIZE, int(limits["file_bytes"])),
        (resource.RLIMIT_NOFILE, 256),
    ]
    if sys.platform != "darwin":  # macOS has this limit but does not allow setting it
        memory = int(limits["memory_bytes"])
        wanted += [(resource.RLIMIT_DATA, memory), (resource.RLIMIT_AS, memory + _mapped_libraries())]
    for kind, value in wanted:
        _, hard = resource.getrlimit(kind)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
