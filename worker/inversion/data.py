"""The digest of image arrays, and conversions between uint8 arrays and tensors."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor

from worker.inversion.arrays import check_images


def images_digest(images: np.ndarray) -> str:
    """Return "sha256:..." over dtype, shape and the bytes in C order."""
    check_images(images)
    h = hashlib.sha256(f"{images.dtype.str}{images.shape}".encode())
    h.update(np.ascontiguousarray(images).tobytes())
    return f"sha256:{h.hexdigest()}"


def to_tensor(images: np.ndarray) -> Tensor:
    """Convert uint8 (N, H, W) or (N, H, W, C) to float32 (N, C, H, W) in [0, 1]."""
    check_images(images)
    x = torch.from_numpy(np.ascontiguousarray(images)).float() / 255
    return x.unsqueeze(1) if images.ndim == 3 else x.permute(0, 3, 1, 2).contiguous()


def to_uint8(images: Tensor) -> np.ndarray:
    """Round float (N, C, H, W) in [0, 1] to uint8 (N, H, W) for one channel, else (N, H, W, C)."""
    x = (images.detach().float().clamp(0, 1) * 255).round().to(torch.uint8).cpu()
    array: np.ndarray = (x[:, 0] if x.shape[1] == 1 else x.permute(0, 2, 3, 1)).contiguous().numpy()
    return array
