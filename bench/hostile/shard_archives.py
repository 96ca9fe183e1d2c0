"""Archives of safetensors shards with a wrong index or with other files."""

from __future__ import annotations

import json
from typing import Any

from bench.hostile.case import BOUNDED, ONE_MEANING, SAYS_WHY, STAYS_INSIDE, Case, fixed
from bench.hostile.safetensors_files import pack, tensor
from bench.hostile.zip_writer import Member, deflated, write_zip

INDEX, ONE, TWO = "model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
MAP = {"a": ONE, "b": TWO}
SHARDS = {ONE: pack({"a": tensor()}, bytes(4)), TWO: pack({"b": tensor()}, bytes(4))}


def archive(weight_map: Any = None, shards: dict[str, bytes] | None = None, *more: Member, index: Any = None) -> bytes:
    """Return a ZIP of the index and the shards."""
    text = json.dumps({"metadata": {"total_size": 8}, "weight_map": MAP if weight_map is None else weight_map})
    members = [Member(INDEX, text.encode() if index is None else index)]
    members += [Member(name, data) for name, data in (SHARDS if shards is None else shards).items()]
    return write_zip([*members, *more])


SHARD_ARCHIVES: tuple[Case, ...] = (
    fixed("shards: one is not there", ONE_MEANING, "shards-missing", archive(shards={ONE: SHARDS[ONE]})),
    fixed("shards: by a path", STAYS_INSIDE, "shards-missing", archive({"a": "../../etc/passwd", "b": TWO})),
    fixed("shards: by an absolute path", STAYS_INSIDE, "shards-missing", archive({"a": "/etc/passwd", "b": TWO})),
    fixed("shards: a program beside them", ONE_MEANING, "shards-member", archive(None, None, Member("setup.py", b"x"))),
    fixed("shards: a pickle beside them", ONE_MEANING, "shards-member", archive(None, None, Member("a.bin", b"x"))),
    fixed("shards: one that the index lacks", ONE_MEANING, "shards-member", archive({"a": ONE}, SHARDS)),
    fixed("shards: tensor in the other shard", ONE_MEANING, "shards-disagree", archive({"a": TWO, "b": ONE})),
    fixed(
        "shards: tensor in two shards",
        ONE_MEANING,
        "shards-disagree",
        archive(MAP, {ONE: SHARDS[ONE], TWO: pack({"b": tensor(), "a": tensor(4, 8)}, bytes(8))}),
    ),
    fixed("shards: tensor in no shard", ONE_MEANING, "shards-disagree", archive({**MAP, "c": ONE})),
    fixed("shards: tensor not in the index", ONE_MEANING, "shards-disagree", archive({"b": TWO, "x": ONE})),
    fixed("shards: empty index", SAYS_WHY, "shards-index", archive({})),
    fixed("shards: map to a number", SAYS_WHY, "shards-index", archive({"a": 1, "b": TWO})),
    fixed(
        "shards: duplicate key in the index",
        ONE_MEANING,
        "shards-index",
        archive(index=f'{{"weight_map": {{"a": "{ONE}", "a": "{TWO}"}}}}'.encode()),
    ),
    fixed("shards: deep index", BOUNDED, "shards-index", archive(index=b"[" * 100_000 + b"]" * 100_000)),
    fixed("shards: two indices", ONE_MEANING, "shards-index", archive(None, None, Member("x" + INDEX, b"{}"))),
    fixed("shards: two folders", ONE_MEANING, "shards-folder", archive(None, None, Member("x/y.safetensors", b""))),
    fixed(
        "shards: compressed",
        BOUNDED,
        "zip-method",
        write_zip([Member(INDEX, b"{}"), deflated(ONE, SHARDS[ONE])]),
    ),
    fixed(
        "shards: one is not safetensors", SAYS_WHY, "header-truncated", archive(MAP, {ONE: b"x" * 9, TWO: SHARDS[TWO]})
    ),
    fixed(
        "shards: one overlaps in itself",
        ONE_MEANING,
        "tensors-overlap",
        archive(
            {"a": ONE, "c": ONE, "b": TWO}, {ONE: pack({"a": tensor(), "c": tensor()}, bytes(4)), TWO: SHARDS[TWO]}
        ),
    ),
)
