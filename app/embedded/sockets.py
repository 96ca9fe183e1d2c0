"""A private folder for unix sockets, under a path that kernel, servers and clients all take."""

import hashlib
import os
import stat
from pathlib import Path

from app.embedded.account import Account
from app.embedded.errors import EmbeddedServerError

LONGEST_PATH = 107
LONGEST_NAME = "/.s.PGSQL.5432"
SEPARATORS = set(""",@"'%?\\ """)  # mean something in lists of folders or in addresses


def fits(folder: Path) -> bool:
    """True when the sockets' paths are short enough for the kernel (107 bytes) and free of special characters."""
    return len(os.fsencode(f"{folder}{LONGEST_NAME}")) <= LONGEST_PATH and not SEPARATORS & set(str(folder))


def socket_folder(data_dir: Path, account: Account) -> Path:
    """`<data_dir>/sockets`, or a short folder named by the data folder's hash; 0700, owned by `account`."""
    folder = next(path for path in candidates(data_dir, account) if fits(path))
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid not in {os.geteuid(), account.uid}:
        raise EmbeddedServerError(
            f"{folder} exists but is not a folder of ours: remove it, or choose another data folder"
        )
    return account.make_private(folder)


def candidates(data_dir: Path, account: Account) -> list[Path]:
    """Where the sockets may live, best first. `/run` is for root only, `$XDG_RUNTIME_DIR` for its user only."""
    name = f"exhume-{hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:12]}"
    short = [Path("/tmp") / f"{name}-{account.uid}"]  # noqa: S108 - 0700, owner checked
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if account.dropped:
        short = [Path("/run") / name, *short] if os.access("/run", os.W_OK) else short
    elif runtime and os.access(runtime, os.W_OK):
        short = [Path(runtime) / name, *short]
    return [data_dir.resolve() / "sockets", *short]
