"""Files in quarantine: received in pieces, resumed after a break, read and discarded.

All that is stored of a file is sealed with a key of its own. Bytes that do not fill a chunk when a
connection ends are a small object of their own, until the next piece continues them.
"""

from collections.abc import Collection
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.db.models import ObjectKey
from app.db.session import sync_session
from app.kit.crypto import UnsealError, seal, unseal
from app.storage.incoming import Incoming, State
from app.storage.store import MissingObjectError, store
from app.vault.arriving import SEALED_BYTES, Sealing, plain_offset
from app.vault.keys import find_key, make_key

SEALED = "sealed"
"""Member of the state of an upload that is sealed. Those that an older version began are not."""


def sealing(session: Session, project_id: UUID, name: str) -> Sealing:
    """Make the key of a file, and return what seals it."""
    return Sealing(make_key(session, project_id, name), name)


def incoming(name: str, key: bytes | None, offset: int, state: State) -> Incoming:
    """Open the writing end of a file received in pieces. See `Store.incoming`."""
    if SEALED not in state:
        return store().incoming(name, offset, state)
    if key is None:
        raise MissingObjectError(name)
    return SealedIncoming(name, key, offset, state)


def discard(name: str) -> None:
    """Delete a file and its key."""
    forget_keys([name])
    store().delete(name)


def discard_parts(name: str, state: State) -> None:
    """Delete what was received of an unfinished file, and its key."""
    forget_keys([name])
    store().incoming(name, 0, state.get("inner", {}) if SEALED in state else state).abort()
    delete_rests(state)


def forget_keys(names: Collection[str]) -> None:
    """Delete the keys of files that were never more than received.

    The files of the database are not cleaned of them, as for keys of what was stored.
    """
    with sync_session() as session:
        session.execute(delete(ObjectKey).where(ObjectKey.object.in_(names)))


def key_of(name: str) -> bytes | None:
    """Return the key of a file. None for one that an older version received."""
    with sync_session() as session:
        return find_key(session, name)


class SealedIncoming:
    """The writing end of a file: full chunks go to the object, the rest waits."""

    def __init__(self, name: str, key: bytes, offset: int, state: State) -> None:
        self._name, self._key, self._before = name, key, state
        chunks = state.get("chunks", 0)
        left = offset - plain_offset(chunks)
        rest = _rest(name, key, state, left) if left else b""
        self._inner = store().incoming(name, chunks * SEALED_BYTES, state.get("inner", {}))
        there = self._inner.kept()[0]
        if there < chunks * SEALED_BYTES:  # the machine stopped before everything was on its disk
            chunks, rest = there // SEALED_BYTES, b""
            self._inner.close()
            self._inner = store().incoming(name, chunks * SEALED_BYTES, state.get("inner", {}))
        self._chunks = chunks
        safe = plain_offset(chunks) + len(rest)
        self._kept = (safe, state if safe == offset else self._state(state.get("inner", {})))
        self._sealing = Sealing(key, name, chunks, rest)
        self._grew = self._broken = False
        if "stale" in state:
            store().delete(state["stale"])

    def write(self, data: memoryview) -> None:
        """Seal and append. Raises `StorageFullError` when there is no room."""
        self._grew = self._grew or len(data) > 0
        if made := self._sealing.update(data):
            self._broken = True  # until it is stored, what waits does not follow on what is stored
            self._inner.write(memoryview(made))
            self._broken = False

    def kept(self) -> tuple[int, State]:
        """Return how many bytes would survive this process, and the state to resume there."""
        there, inner = self._inner.kept()
        if there // SEALED_BYTES > self._chunks:
            self._chunks = there // SEALED_BYTES
            self._kept = (plain_offset(self._chunks), self._state(inner))
        return self._kept

    def close(self) -> None:
        """Keep the bytes that do not fill a chunk, sealed."""
        self._inner.close()
        self.kept()
        grew, waiting = self._grew, self._sealing.waiting
        self._grew = False
        if grew and waiting and not self._broken:
            rest = f"{self._name}.rest.{uuid4().hex}"
            store().put(rest, iter([seal(self._key, waiting, rest)]))
            state = self._state(self._inner.kept()[1])
            self._kept = (plain_offset(self._chunks) + len(waiting), state | {"rest": rest})

    def complete(self) -> None:
        """Turn it into an ordinary object of the store.

        What waited beside it stays until the upload has ended, in case that its end is repeated.
        """
        self._broken = True
        self._inner.write(memoryview(self._sealing.finish()))
        self._inner.complete()

    def abort(self) -> None:
        """Delete the bytes received so far, if any."""
        self._inner.abort()
        delete_rests(self._kept[1])
        delete_rests(self._before)

    def _state(self, inner: State) -> State:
        stale = {"stale": self._before["rest"]} if "rest" in self._before else {}
        return {SEALED: True, "chunks": self._chunks, "inner": inner} | stale


def _rest(name: str, key: bytes, state: State, size: int) -> bytes:
    """Return the bytes that did not fill a chunk. Empty if they are not there any more."""
    try:
        rest = unseal(key, b"".join(store().stream(state.get("rest", ""))), state.get("rest", ""))
    except (MissingObjectError, UnsealError):
        return b""
    return rest if len(rest) == size else b""


def rests(state: State) -> list[str]:
    """Return the objects beside an unfinished file that hold bytes of it."""
    return [state[one] for one in ("rest", "stale") if one in state]


def delete_rests(state: State) -> None:
    """Delete the objects beside a file."""
    for name in rests(state):
        store().delete(name)
