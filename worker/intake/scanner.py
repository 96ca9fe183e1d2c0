"""Second check of a pickle that our own allowlist accepted: picklescan in strict mode.

A finding rejects the file. A clean scan proves nothing: scanners were measured to miss calls that
their lists lack. Strict mode reports every name that it does not know, such as torch.Size. Names
on our own list are ignored.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from picklescan.scanner import SafetyLevel, scan_pickle_bytes

from app.formats.pickle_opcodes import NAMES
from app.formats.refusal import Refused, shown


def scan_pickle(path: Path) -> None:
    """Scan the pickle of a PyTorch file. Runs in the sandbox, as the scanner parses hostile bytes.

    Raises: Refused (scanner-finding), also if the scanner cannot read the pickle.
    """
    with zipfile.ZipFile(path) as archive:
        pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
        data = archive.read(pickled)
    found = scan_pickle_bytes(io.BytesIO(data), "data.pkl", strict=True)
    named = {(g.module, g.name) for g in found.globals if g.safety is SafetyLevel.Dangerous}
    bad = sorted(f"{module}.{name}" for module, name in named if f"{module} {name}" not in NAMES)
    if not bad and not found.scan_err:
        return
    what = ", ".join(shown(name) for name in bad[:8]) or "it cannot be read"
    raise Refused(
        "scanner-finding",
        f"picklescan reports the pickle in this file as dangerous: {what}. Save the weights as safetensors:"
        " safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
        [{"name": shown(name), "detail": "is dangerous according to picklescan"} for name in bad],
    )
