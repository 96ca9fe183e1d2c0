"""Parent side of a conversion: runs it in the sandbox and checks its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.formats.archive import ZipRules, read_structure
from app.formats.key_maps import LAYOUTS
from app.formats.limits import GIB, MIB, CheckpointLimits
from app.formats.recipes import SAVE_WEIGHTS
from app.formats.refusal import Refused, shown
from app.formats.state_dicts import WRAPPERS
from app.formats.torch_zip import is_state_dict
from worker.intake.sandbox import SandboxLimits, level, run_sandboxed
from worker.intake.staging import Stage

CONVERTED = "converted.safetensors"
MOST_KEYS = 2_000
_ANY_ZIP = ZipRules(entries=20_100, entry_bytes=2**50, unpacked_bytes=2**50, methods=frozenset({0}))


def looks_like_torch(path: Path) -> bool:
    """Return whether the file may be a ZIP of a state_dict."""
    try:
        with path.open("rb") as file:
            return is_state_dict(read_structure(file, _ANY_ZIP))
    except Refused:
        return False


def convert_in_sandbox(
    stage: Stage, task: str, request: dict[str, Any], limits: CheckpointLimits
) -> tuple[Path, dict[str, Any]]:
    """Run `worker.intake.<task>`. Return the converted file and the answer, which is unchecked.

    The file is moved where the child cannot write.
    Raises: Refused, also if the sandbox is too weak for conversions.
    """
    if level().name == "limits":
        raise Refused(
            "sandbox-too-weak",
            "This file would have to be converted, which needs a kernel with seccomp and Landlock. The kernel of the"
            f" worker has neither. Upload the weights as safetensors. {SAVE_WEIGHTS}",
        )
    size = stage.upload.stat().st_size
    answer = run_sandboxed(
        f"worker.intake.{task}",
        request,
        input_path=stage.upload,
        work=stage.work,
        limits=SandboxLimits(
            memory_bytes=5 * GIB + 4 * size,
            cpu_seconds=int(limits.seconds_for(size)),
            file_bytes=size + limits.header_bytes,
            disk_bytes=size + limits.header_bytes + 64 * MIB,
        ),
    )
    written, checkpoint = stage.work / CONVERTED, stage.folder / "converted" / "upload"
    if written.is_symlink() or not written.is_file():
        raise Refused("examination-crashed", "The file was rejected: its conversion wrote no file.")
    checkpoint.parent.mkdir(mode=0o700)
    written.rename(checkpoint)
    return checkpoint, answer


def checked_way(answer: dict[str, Any]) -> dict[str, Any]:
    """Return where the child found the weights, rebuilt from known parts only."""
    match answer:
        case {
            "wrapper": list(wrapper),
            "prefix": str(prefix),
            "left_out": list(left_out),
            "key_map": dict(key_map),
            "others": list(others),
        } if (
            set(map(str, wrapper)) <= set(WRAPPERS)
            and all(isinstance(o, list) and set(map(str, o)) <= set(WRAPPERS) for o in others)
            and answer.get("layout", "") in ("", *LAYOUTS)
        ):
            skipped = [shown(name, 512) for name in sorted(map(str, left_out))[:MOST_KEYS]]
            way = {"wrapper": wrapper[:8], "prefix": shown(prefix, 512), "left_out": skipped, "others": others[:8]}
            if answer.get("layout"):
                way["layout"] = answer["layout"]
            if isinstance(head := answer.get("head"), str):
                way["head"] = shown(head, 512)
            if isinstance(computed := answer.get("computed"), list):
                way["computed"] = [shown(name, 512) for name in computed[:MOST_KEYS]]
            kept = list(key_map.items())[:MOST_KEYS]
            return {**way, "key_map": {shown(old, 512): shown(new, 512) for old, new in kept}}
    raise Refused("examination-crashed", f"The conversion gave an invalid answer: {shown(sorted(answer), 100)}.")
