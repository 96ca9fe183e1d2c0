"""A stream that is made in a thread of its own.

`Store.put` reads its stream in a thread that must not call the store again. A stream that is read
from the store passes through here on its way back.
"""

import queue
import threading
from collections.abc import Iterator
from contextlib import suppress

WAITING = 4
PATIENCE_SECONDS = 0.2


def apart(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces that another thread makes. Raises what it raises."""
    made: queue.Queue[bytes | BaseException | None] = queue.Queue(WAITING)
    unwanted = threading.Event()

    def offer(piece: bytes | BaseException | None) -> bool:
        while not unwanted.is_set():
            with suppress(queue.Full):
                made.put(piece, timeout=PATIENCE_SECONDS)
                return True
        return False

    def make() -> None:
        try:
            for piece in pieces:
                if not offer(piece):
                    return
            offer(None)
        except BaseException as error:  # noqa: BLE001 - raised again by the reader
            offer(error)

    maker = threading.Thread(target=make, name="exhume-apart", daemon=True)
    maker.start()
    try:
        while (piece := made.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        unwanted.set()
        maker.join()
