"""R: the share that is recognised beyond a control."""

from __future__ import annotations

import numpy as np


def excess(p: np.ndarray | float, q: np.ndarray | float) -> np.ndarray:
    """Return (p - q) / (1 - q) clipped to [0, 1], and 0 where q is 1."""
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    out: np.ndarray = np.clip((p - q) / np.maximum(1 - q, 1e-12), 0.0, 1.0)
    return out
