"""docs/intake.md explains every reason code of the intake, and states the actual limits."""

from __future__ import annotations

import re
from pathlib import Path

import app.formats
import worker.intake
from app.formats.limits import BYTES_PER_SECOND, CHECKPOINT, DATASET, GIB, MIB, SECONDS_PER_IMAGE, VERIFIER
from app.formats.state_dicts import ANYWHERE, WRAPPERS
from tests.architecture.raised_problems import trace
from tests.architecture.test_problem_types import COMPUTED
from worker.intake.images import effort

PACKAGES = (Path(app.formats.__file__).parent, Path(worker.intake.__file__).parent)
PAGE = (PACKAGES[0].parents[1] / "docs" / "intake.md").read_text()


def codes() -> set[str]:
    """Return every code of a rejection that preflight and intake can raise."""
    return {
        one.code
        for one in trace(COMPUTED).raised
        if one.where.startswith(("app.formats.", "worker.intake.")) and "_" not in one.code
    }


def test_every_reason_code_is_documented() -> None:
    exact = set(re.findall(r"`([a-z0-9-]+)`", PAGE))
    families = tuple(re.findall(r"`([a-z0-9-]+-)…`", PAGE))
    found = codes()
    assert len(found) > 80
    assert sorted(code for code in found if code not in exact and not code.startswith(families)) == []


def test_limits_in_the_page_are_the_real_ones() -> None:
    for text in (
        f"| file | {CHECKPOINT.file_bytes // GIB} GiB |",
        f"| header | {CHECKPOINT.header_bytes // MIB} MiB",
        f"| tensors | {CHECKPOINT.tensors:,}, at most {CHECKPOINT.rank} dimensions",
        f"| numbers in all tensors together | {CHECKPOINT.parameters:,} |",
        f"| processor time to open it | {CHECKPOINT.least_seconds:.0f} seconds and 1 second for each"
        f" {BYTES_PER_SECOND // MIB} MiB, {CHECKPOINT.seconds:.0f} at most |",
        f"a JPEG with more than {effort.SCANS} scans or {effort.SEGMENTS:,} segments, a PNG with more than"
        f" {effort.CHUNKS:,} chunks, or more than {effort.EXIF_BYTES // 1024} KiB of Exif data.",
        f"may take {DATASET.least_seconds:.0f} seconds of processor time, and 1 second for each"
        f" {BYTES_PER_SECOND // MIB} MiB and for each {1 / SECONDS_PER_IMAGE:.0f} images,"
        f" {DATASET.seconds / 60:.0f} minutes at most. The examination of a verifier may take"
        f" {VERIFIER.least_seconds:.0f} seconds and 1 second for each {BYTES_PER_SECOND // MIB} MiB.",
        f"sides from {DATASET.smallest_side} to {DATASET.side} pixels",
        f"file {DATASET.file_bytes // GIB} GiB, {DATASET.packed_bytes // GIB} GiB of pixels,",
        f"{DATASET.entries:,} entries, or over {DATASET.tiny_entries:,} in a ZIP",
        f"{DATASET.identities:,} identities",
        f"above {DATASET.unpacked_bytes // GIB} GiB in total, and no entry above {DATASET.ratio_from_bytes // MIB} MiB",
        f"{DATASET.ratio} times its packed size",
    ):
        assert " ".join(text.split()) in " ".join(PAGE.split()), text


def test_wrappers_and_parts_of_names_are_documented() -> None:
    assert [name for name in (*WRAPPERS, *ANYWHERE) if f"`{name}`" not in PAGE] == []
