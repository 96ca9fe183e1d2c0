"""Record names and shapes of Hugging Face's checkpoints, and what their models compute.

    pip install transformers
    python -m bench.make.hugging_face_models

transformers is needed for this alone, and is not a dependency. Each model is built with a small
configuration that an architecture of timm or torchvision has too, saved by `save_pretrained`,
filled with numbers that depend on the names of its tensors, and run on two images.
"""

from __future__ import annotations

import json
import lzma
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from bench.wild.case import NAMES
from bench.wild.hugging_face import RECORDED, images
from bench.wild.networks import CLASSES, filled

_TINY = {"hidden_size": 192, "num_hidden_layers": 12, "num_attention_heads": 3, "intermediate_size": 768}
_FEW = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
_B0 = {"width_coefficient": 1.0, "depth_coefficient": 1.0, "image_size": 64, "hidden_dim": 1280, "dropout_rate": 0.2}
_ATTO = {"depths": [2, 2, 6, 2], "hidden_sizes": [40, 80, 160, 320]}
_BASIC = {"embedding_size": 64, "hidden_sizes": [64, 128, 256, 512], "depths": [2, 2, 2, 2], "layer_type": "basic"}
MODELS: dict[str, tuple[str, dict[str, Any], int]] = {
    "vit": ("ViT", _TINY | {"image_size": 32}, 32),
    "deit": ("DeiT", _TINY | {"image_size": 32}, 32),
    "deit_with_teacher": ("DeiT WithTeacher", _TINY | {"image_size": 32}, 32),
    "swin": ("Swin", {}, 224),
    "convnext": ("ConvNext", {}, 64),
    "convnextv2": ("ConvNextV2", _ATTO, 64),
    "resnet": ("ResNet", _BASIC, 64),
    "resnet_bottleneck": ("ResNet", {}, 64),
    "mobilenet_v1": ("MobileNetV1", {}, 64),
    "mobilenet_v2": ("MobileNetV2", {}, 64),
    "efficientnet": ("EfficientNet", _B0, 64),
    "dinov2": ("Dinov2", _FEW | {"image_size": 56, "patch_size": 14}, 56),
}
"""The name of the class in transformers, the configuration, and the side of the images."""


def record(kind: str, options: dict[str, Any], side: int) -> dict[str, Any]:
    """Build, save, fill and run a model."""
    import transformers  # type: ignore[import-not-found]

    family, _, after = kind.partition(" ")
    labels = {"id2label": dict(enumerate(NAMES)), "label2id": {name: i for i, name in enumerate(NAMES)}}
    configuration = getattr(transformers, f"{family}Config")(**options, **labels)
    model = getattr(transformers, f"{family}ForImageClassification{after}")(configuration).eval()
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        with safe_open(Path(folder) / "model.safetensors", "pt") as file:
            shapes = {name: list(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        from safetensors.torch import save_file

        save_file(filled(shapes), Path(folder) / "model.safetensors", {"format": "pt"})
        model = type(model).from_pretrained(folder).eval()
    with torch.no_grad():
        logits = model(pixel_values=images(side)).logits
    assert logits.shape == (2, CLASSES)
    return {"side": side, "shapes": shapes, "logits": [[round(float(v), 7) for v in row] for row in logits]}


def main() -> None:
    """Write the recording."""
    found = {name: record(*arguments) for name, arguments in MODELS.items()}
    for name, one in found.items():
        print(name, len(one["shapes"]), one["logits"][0])
    RECORDED.write_bytes(lzma.compress(json.dumps(found).encode(), preset=9))


if __name__ == "__main__":
    main()
