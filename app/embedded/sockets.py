"""A private folder for unix sockets, at a path that kernel, servers and clients accept."""

import hashlib
import os
import stat
from pathlib import Path

from app.embedded.account import Account
from app.embedded.errors import EmbeddedServerError

LONGEST_PATH = 107
LONGEST_NAME = "/.s.PGSQL.5432"
# These have a meaning in lists of folders or in addresses.
SEPARATORS = set(""",@"'%?\\ """)


def fits(folder: Path) -> bool:
    """Tell whether the socket paths are short enough (107 bytes) and safe in addresses."""
    return len(os.fsencode(f"{folder}{LONGEST_NAME}")) <= LONGEST_PATH and not SEPARATORS & set(str(folder))


def socket_folder(data_dir: Path, account: Account) -> Path:
    """Return `<data_dir>/sockets` or a short folder named after the data folder's digest.

    The folder has mode 0700 and belongs to `account`.
    """
    folder = next(path for path in candidates(data_dir, account) if fits(path))
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid not in {os.geteuid(), account.uid}:
        raise EmbeddedServerError(
            f"{folder} exists but belongs to another user or is not a folder: remove it, or choose another data folder"
        )
    return account.make_private(folder)


def candidates(data_dir: Path, account: Account) -> list[Path]:
    """Return possible folders, best first.

    `/run` is for root only and `$XDG_RUNTIME_DIR` for its user only.
    """
    name = f"exhume-{hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:12]}"
    short = [Path("/tmp") / f"{name}-{account.uid}"]  # noqa: S108 - 0700, owner checked
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if account.dropped:
        short = [Path("/run") / name, *short] if os.access("/run", os.W_OK) else short
    elif runtime and os.access(runtime, os.W_OK):
        short = [Path(runtime) / name, *short]
    return [data_dir.resolve() / "sockets", *short]
