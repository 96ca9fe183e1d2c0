"""The parent's side of a conversion: run it in the sandbox, believe nothing of its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.formats.archive import ZipRules, read_structure
from app.formats.limits import GIB, MIB, CheckpointLimits
from app.formats.refusal import Refused, shown
from app.formats.state_dicts import COUNTERS, PREFIXES, WRAPPERS
from app.formats.torch_zip import is_state_dict
from worker.intake.sandbox import SandboxLimits, level, run_sandboxed
from worker.intake.staging import Stage

CONVERTED = "converted.safetensors"
MOST_KEYS = 2_000
_ANY_ZIP = ZipRules(entries=20_100, entry_bytes=2**50, unpacked_bytes=2**50, methods=frozenset({0}))


def looks_like_torch(path: Path) -> bool:
    """A zip that is worth a closer look as a state_dict."""
    try:
        with path.open("rb") as file:
            return is_state_dict(read_structure(file, _ANY_ZIP))
    except Refused:
        return False


def convert_in_sandbox(
    stage: Stage, task: str, request: dict[str, Any], limits: CheckpointLimits
) -> tuple[Path, dict[str, Any]]:
    """What `worker.intake.<task>` made of the upload, moved out of the child's reach; and its answer, not yet checked.

    Raises: Refused; also where the sandbox is too weak to unpickle anything in it.
    """
    if level().name == "limits":
        raise Refused(
            "sandbox-too-weak",
            "Files that have to be converted are only opened where the kernel offers seccomp and Landlock, and this one"
            " does not. Upload the weights of the architecture, with its own names, as safetensors:"
            " safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
        )
    size = stage.upload.stat().st_size
    answer = run_sandboxed(
        f"worker.intake.{task}",
        request,
        input_path=stage.upload,
        work=stage.work,
        limits=SandboxLimits(
            memory_bytes=5 * GIB + 4 * size,
            seconds=limits.seconds,
            cpu_seconds=int(limits.seconds),
            file_bytes=size + limits.header_bytes,
            disk_bytes=size + limits.header_bytes + 64 * MIB,
        ),
    )
    written, checkpoint = stage.work / CONVERTED, stage.folder / "converted" / "upload"
    if written.is_symlink() or not written.is_file():
        raise Refused("examination-crashed", "The conversion wrote no file: the upload is not taken.")
    checkpoint.parent.mkdir(mode=0o700)
    written.rename(checkpoint)
    return checkpoint, answer


def checked_way(answer: dict[str, Any]) -> dict[str, Any]:
    """The way to the weights as the child told it, from known parts only."""
    match answer:
        case {
            "wrapper": list(wrapper),
            "prefix": str(prefix),
            "left_out": list(left_out),
            "key_map": dict(key_map),
            "others": list(others),
        } if (
            set(map(str, wrapper)) <= set(WRAPPERS)
            and set(map(str, left_out)) <= COUNTERS
            and _made_of_prefixes(prefix)
            and all(isinstance(o, list) and set(map(str, o)) <= set(WRAPPERS) for o in others)
        ):
            way = {"wrapper": wrapper[:8], "prefix": prefix, "left_out": sorted(left_out), "others": others[:8]}
            kept = list(key_map.items())[:MOST_KEYS]
            return {**way, "key_map": {shown(old, 512): shown(new, 512) for old, new in kept}}
    raise Refused("examination-crashed", f"The conversion answered nonsense: {shown(sorted(answer), 100)}.")


def _made_of_prefixes(prefix: str) -> bool:
    while cut := next((p for p in PREFIXES if prefix.startswith(p)), ""):
        prefix = prefix.removeprefix(cut)
    return not prefix
