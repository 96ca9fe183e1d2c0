"""Seeded mutation of valid and hostile files, also inside parts with a length or checksum."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

_NUMBERS = [
    *(v.to_bytes(n, order) for n in (1, 2, 4, 8) for v in (0, 1, 127, 255) for order in ("little", "big")),
    *(b"\xff" * n for n in (2, 4, 8, 10)),
    *(b"\x7f" + b"\xff" * n for n in (3, 7)),
    *(b"\x80" * n + b"\x01" for n in (1, 4, 9, 12)),
    *(b"-1", b"1e9", b"NaN", b"null", b"{}", b"[]", b'"', b"\\u0000", b"PK\x03\x04", b"PK\x01\x02", b"../", b"\n"),
]


def mutated(
    seeds: list[bytes], wraps: list[tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]], *, count: int, seed: int
) -> Iterator[bytes]:
    """Yield `count` cases.

    `wraps`: pairs of functions (extract the inner part of a file, build a file around an inner
    part), so that length and checksum fit the change.
    """
    rng = random.Random(seed)
    for _ in range(count):
        data = rng.choice(seeds)
        if wraps and rng.random() < 0.5:
            inner, around = rng.choice(wraps)
            yield around(_changed(inner(data), seeds, rng))
        else:
            yield _changed(data, seeds, rng)


def _changed(data: bytes, seeds: list[bytes], rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 6, 12))):
        at = rng.randrange(len(out) + 1)
        end = min(len(out), at + rng.choice((1, 2, 4, 8, 16, 64)))
        match rng.randrange(8):
            case 0 if at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            case 1 if at < len(out):
                out[at] = rng.randrange(256)
            case 2:
                del out[at:end]
            case 3:
                out[at:at] = out[at:end] * rng.choice((1, 2, 50))
            case 4:
                number = rng.choice(_NUMBERS)
                out[at : at + len(number)] = number
            case 5:
                out[at:at] = rng.choice(_NUMBERS)
            case 6:
                other = rng.choice(seeds)
                begin = rng.randrange(len(other) + 1)
                out[at:end] = other[begin : begin + rng.randrange(1, 65)]
            case 7 if rng.random() < 0.3:
                del out[at:]
    return bytes(out)
