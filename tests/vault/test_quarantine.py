"""A file in quarantine is sealed from its first byte, and continues after breaks."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kit.crypto import UnsealError
from app.storage.store import Store
from app.vault import objects, quarantine
from app.vault.arriving import MAGIC, PLAIN_BYTES, SEALED_BYTES, Sealing, unsealed

KEY, NAME = b"k" * 32, "quarantine/abc"
FILE = random.Random(7).randbytes(3 * SEALED_BYTES + 12_345)
FIRST = PLAIN_BYTES - len(MAGIC)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A store in a folder."""
    made = Store(f"file://{tmp_path}/objects")
    for module in (quarantine, objects):
        monkeypatch.setattr(module, "store", lambda: made)
    return tmp_path / "objects"


def clear(folder: Path) -> list[Path]:
    """Return the files of the store that hold a part of the file as it was sent."""
    needles = [FILE[at : at + 32] for at in range(0, len(FILE) - 32, 50_000)]
    return [one for one in folder.rglob("*") if one.is_file() and any(needle in one.read_bytes() for needle in needles)]


def send(state: tuple[int, dict[str, object]], until: int, *, crash: bool = False) -> tuple[int, dict[str, object]]:
    """Append up to `until`. Returns what is safe, which is what the row of the upload has."""
    incoming = quarantine.incoming(NAME, KEY, *state)
    offset, _ = incoming.kept()
    for at in range(offset, until, 300_000):
        incoming.write(memoryview(FILE[at : min(at + 300_000, until)]))
    if not crash:
        incoming.close()
    return incoming.kept()


@pytest.mark.parametrize(
    "sizes", [[1], [10, FIRST], [FIRST, FIRST + 1], [100, 200, SEALED_BYTES, 3 * SEALED_BYTES + 5]]
)
def test_a_file_that_comes_in_pieces_is_whole(folder: Path, sizes: list[int]) -> None:
    state: tuple[int, dict[str, object]] = (0, {quarantine.SEALED: True})
    for until in sizes:
        state = send(state, until)
        assert state[0] == until
        assert clear(folder) == []
        assert len(list(folder.rglob("*.rest.*"))) <= 2
    incoming = quarantine.incoming(NAME, KEY, *state)
    incoming.write(memoryview(FILE[state[0] :]))
    incoming.complete()
    assert objects.sha256(NAME, KEY) == hashlib.sha256(FILE).hexdigest()
    quarantine.delete_rests(state[1])  # as the end of an upload does, which may be repeated until then
    assert [one.name for one in folder.rglob("*") if one.is_file()] == ["abc"], "nothing is left beside it"


def test_a_crash_costs_a_chunk_at_most_and_leaves_nothing_in_clear(folder: Path) -> None:
    state = send((0, {quarantine.SEALED: True}), 2 * SEALED_BYTES)
    crashed = send(state, 3 * SEALED_BYTES, crash=True)
    assert crashed[0] > 3 * SEALED_BYTES - 2 * SEALED_BYTES
    assert clear(folder) == []
    for noted in (state, crashed):  # whether or not the row was written before the crash
        incoming = quarantine.incoming(NAME, KEY, *noted)
        assert incoming.kept()[0] == noted[0]
        incoming.write(memoryview(FILE[noted[0] :]))
        incoming.close()
        again = quarantine.incoming(NAME, KEY, *incoming.kept())
        assert again.kept()[0] == len(FILE)
    again.complete()
    assert b"".join(objects.stream(NAME, KEY)) == FILE


def test_bytes_that_are_not_on_the_disk_are_asked_for_again(folder: Path) -> None:
    offset, state = send((0, {quarantine.SEALED: True}), 2 * SEALED_BYTES + 99)
    with (folder / NAME).open("r+b") as file:
        file.truncate(SEALED_BYTES + 7)
    incoming = quarantine.incoming(NAME, KEY, offset, state)
    assert incoming.kept()[0] == FIRST
    incoming.write(memoryview(FILE[FIRST:]))
    incoming.complete()
    assert b"".join(objects.stream(NAME, KEY)) == FILE


def test_an_upload_that_an_older_version_began_goes_on(folder: Path) -> None:
    incoming = quarantine.incoming(NAME, None, 0, {})
    incoming.write(memoryview(FILE))
    incoming.complete()
    assert b"".join(objects.stream(NAME, None)) == FILE


def test_a_file_that_was_changed_cut_off_or_moved_does_not_open() -> None:
    sealing = Sealing(KEY, NAME)
    whole = sealing.update(FILE) + sealing.finish()
    second = slice(SEALED_BYTES, 2 * SEALED_BYTES)
    swapped = (
        whole[: second.start]
        + whole[second.stop : second.stop + SEALED_BYTES]
        + whole[second]
        + whole[3 * SEALED_BYTES :]
    )
    wrong: Iterator[tuple[bytes, str]] = iter(
        [(whole[:-1], NAME), (whole[: 2 * SEALED_BYTES], NAME), (swapped, NAME), (whole, "quarantine/other")]
    )
    for data, name in wrong:
        with pytest.raises(UnsealError):
            list(unsealed(iter([data]), KEY, name))
    assert b"".join(unsealed(iter([whole]), KEY, NAME)) == FILE
