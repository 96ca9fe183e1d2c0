"""Every reason code that intake can give is explained in docs/intake.md, and every limit there is the real one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import app.formats
import worker.intake
from app.formats.limits import CHECKPOINT, DATASET, GIB, MIB
from app.formats.state_dicts import PREFIXES, WRAPPERS

PACKAGES = (Path(app.formats.__file__).parent, Path(worker.intake.__file__).parent)
PAGE = (PACKAGES[0].parents[1] / "docs" / "intake.md").read_text()
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
MAKERS = {"Refused", "_refused", "_broken", "_tensor", "unsound", "refused", "_forbidden"}


def codes() -> Iterator[str]:
    """First argument of every call that makes a refusal, and first item of every (code, ...) tuple of remedies."""
    for path in (path for package in PACKAGES for path in package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                position = 1 if node.func.id == "_forbidden" else 0
                first: ast.expr | None = node.args[position] if node.args else None
            elif isinstance(node, ast.Tuple) and len(node.elts) in (2, 3) and path.name in ("remedies.py", "run.py"):
                first = node.elts[0]
            else:
                continue
            for part in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.match(part.value):
                    yield part.value


def test_every_reason_code_is_documented() -> None:
    exact = set(re.findall(r"`([a-z0-9-]+)`", PAGE))
    families = tuple(re.findall(r"`([a-z0-9-]+-)…`", PAGE))
    found = set(codes())
    assert len(found) > 80
    assert sorted(code for code in found if code not in exact and not code.startswith(families)) == []


def test_limits_in_the_page_are_the_real_ones() -> None:
    for text in (
        f"| file | {CHECKPOINT.file_bytes // GIB} GiB |",
        f"| header | {CHECKPOINT.header_bytes // MIB} MiB",
        f"| tensors | {CHECKPOINT.tensors:,}, at most {CHECKPOINT.rank} dimensions",
        f"| numbers in all tensors together | {CHECKPOINT.parameters:,} |",
        f"| time to open it | {CHECKPOINT.seconds / 60:.0f} minutes |",
        f"sides from {DATASET.smallest_side} to {DATASET.side} pixels",
        f"file {DATASET.file_bytes // GIB} GiB, {DATASET.packed_bytes // GIB} GiB of pixels,",
        f"{DATASET.entries:,} entries, or over {DATASET.tiny_entries:,} in a zip",
        f"{DATASET.identities:,} identities",
        f"beyond {DATASET.unpacked_bytes // GIB} GiB in all, or, above {DATASET.ratio_from_bytes // MIB} MiB, beyond",
        f"{DATASET.ratio} times its packed size",
    ):
        assert text in PAGE, text


def test_wrappers_and_prefixes_are_documented() -> None:
    assert [name for name in (*WRAPPERS, *PREFIXES) if f"`{name}`" not in PAGE] == []
