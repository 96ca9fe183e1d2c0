"""The account of the server processes: ours, or an unprivileged one when we are root.

PostgreSQL does not run as root. Root can choose an account by giving it the folder
`<data_dir>/servers` or the data folder itself. Otherwise the servers run as `nobody`.
"""

import os
import pwd
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from app.embedded.death import die_with_parent
from app.embedded.errors import EmbeddedServerError

TRAVERSE_OTHER = 0o001


@dataclass(frozen=True, kw_only=True)
class Account:
    """User and group of the server processes. `dropped` is true when they differ from ours."""

    name: str
    uid: int
    gid: int
    dropped: bool

    def popen_options(self, signal_number: int) -> dict[str, Any]:
        """Return arguments for `subprocess.Popen`.

        They set the account, start a new session and make the process receive `signal_number` when
        we die.
        """
        before_exec = partial(die_with_parent, signal_number, os.getpid())
        options: dict[str, Any] = {"preexec_fn": before_exec, "start_new_session": True, "cwd": "/"}
        if self.dropped:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def make_private(self, folder: Path) -> Path:
        """Create `folder` if needed and set mode 0700 and this owner."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.dropped:
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)
        folder.chmod(0o700)
        return folder

    def write(self, path: Path, text: str) -> Path:
        """Write a file that only this account (and root) can read.

        The folder belongs to the account, which may put a link there at any moment. Links are
        never followed.
        """
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            if self.dropped:
                os.fchown(descriptor, self.uid, self.gid)
            file.write(text)
        return path

    def blocked_by(self, folder: Path) -> Path | None:
        """Return the topmost parent of `folder` that the account may not enter, or None."""
        if not self.dropped:
            return None
        for step in [*reversed(folder.resolve().parents), folder.resolve()]:
            if not step.exists():
                return None
            state = step.stat()
            mask = TRAVERSE_OTHER
            if state.st_uid == self.uid:
                mask = TRAVERSE_OTHER << 6
            elif state.st_gid == self.gid:
                mask = TRAVERSE_OTHER << 3
            if not state.st_mode & mask:
                return step
        return None


def own_account() -> Account:
    """Return the account of this process, for the processes of the service."""
    uid = os.geteuid()
    return Account(name=str(uid), uid=uid, gid=os.getegid(), dropped=False)


def server_account(data_dir: Path) -> Account:
    """Return our account.

    For root: the owner of `<data_dir>/servers` or `data_dir`, or `nobody`.
    """
    uid = os.geteuid()
    if uid != 0:
        return Account(name=_name(uid), uid=uid, gid=os.getegid(), dropped=False)
    for folder in (data_dir / "servers", data_dir):
        if folder.exists() and (owner := folder.stat().st_uid) != 0:
            entry = _entry(owner)
            return Account(name=entry.pw_name, uid=owner, gid=entry.pw_gid, dropped=True)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise EmbeddedServerError(
            "PostgreSQL does not run as root, and this system has no account `nobody`: run Exhume as another user, "
            f"or give the folder {data_dir} to an unprivileged account (chown)"
        ) from error
    return Account(name="nobody", uid=nobody.pw_uid, gid=nobody.pw_gid, dropped=True)


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError as error:
        raise EmbeddedServerError(
            f"user id {uid} has no entry in the password database, which PostgreSQL requires: add one, "
            "or set DATABASE_URL and REDIS_URL to your own servers"
        ) from error


def _name(uid: int) -> str:
    return _entry(uid).pw_name
