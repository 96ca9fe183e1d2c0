"""Image sets as arrays: their digest, and the two conversions between uint8 arrays and tensors."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor

from worker.inversion.errors import InvalidImages


def check_images(images: np.ndarray) -> None:
    """Raise InvalidImages unless uint8, (N, H, W) or (N, H, W, C) with C in {1, 3}, N >= 1."""
    grey = images.ndim == 3
    if images.dtype != np.uint8 or not (grey or (images.ndim == 4 and images.shape[3] in (1, 3))):
        raise InvalidImages(
            f"images must be uint8 (N, H, W) or (N, H, W, C) with 1 or 3 channels, not {images.dtype} {images.shape}"
        )
    if min(images.shape) < 1:
        raise InvalidImages(f"image set is empty: shape {images.shape}")


def images_digest(images: np.ndarray) -> str:
    """ "sha256:..." over dtype, shape and the bytes in C order."""
    check_images(images)
    h = hashlib.sha256(f"{images.dtype.str}{images.shape}".encode())
    h.update(np.ascontiguousarray(images).tobytes())
    return f"sha256:{h.hexdigest()}"


def to_tensor(images: np.ndarray) -> Tensor:
    """uint8 (N, H, W) or (N, H, W, C) -> float32 (N, C, H, W) in [0, 1]."""
    check_images(images)
    x = torch.from_numpy(np.ascontiguousarray(images)).float() / 255
    return x.unsqueeze(1) if images.ndim == 3 else x.permute(0, 3, 1, 2).contiguous()


def to_uint8(images: Tensor) -> np.ndarray:
    """float (N, C, H, W) in [0, 1] -> uint8 (N, H, W) for one channel, (N, H, W, C) otherwise, by rounding."""
    x = (images.detach().float().clamp(0, 1) * 255).round().to(torch.uint8).cpu()
    array: np.ndarray = (x[:, 0] if x.shape[1] == 1 else x.permute(0, 2, 3, 1)).contiguous().numpy()
    return array
