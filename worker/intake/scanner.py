"""A second opinion on a pickle that our own allowlist has passed: picklescan, in strict mode.

A finding refuses; a clean scan earns nothing, for scanners were measured to pass calls that their lists lack. Strict
mode objects to every name that it does not know, torch.Size among them: names of our own list are no finding.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from picklescan.scanner import SafetyLevel, scan_pickle_bytes

from app.formats.pickle_opcodes import NAMES
from app.formats.refusal import Refused, shown


def second_opinion(path: Path) -> None:
    """Scan the pickle of a PyTorch file, inside the sandbox: the scanner parses hostile bytes too.

    Raises: Refused (scanner-finding), also when the scanner can't read the pickle.
    """
    with zipfile.ZipFile(path) as archive:
        pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
        data = archive.read(pickled)
    found = scan_pickle_bytes(io.BytesIO(data), "data.pkl", strict=True)
    named = {(g.module, g.name) for g in found.globals if g.safety is SafetyLevel.Dangerous}
    bad = sorted(f"{module}.{name}" for module, name in named if f"{module} {name}" not in NAMES)
    if not bad and not found.scan_err:
        return
    what = ", ".join(shown(name) for name in bad[:8]) or "it can't be read"
    raise Refused(
        "scanner-finding",
        f"picklescan objects to the pickle in this file: {what}. Save the weights as safetensors:"
        " safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
        [{"name": shown(name), "detail": "picklescan calls this dangerous"} for name in bad],
    )
