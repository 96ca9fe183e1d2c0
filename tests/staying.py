"""Objects that stay until the end of a test process."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def staying() -> Iterator[None]:
    """Leave what is made in the block out of garbage collections.

    Going through modules, collected tests and syntax trees again and again took a seventh of the
    processor time of the tests of the API.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
