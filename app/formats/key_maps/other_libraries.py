"""Names of libraries other than Hugging Face's."""

from __future__ import annotations

from typing import Any

from app.formats.key_maps.rules import Rules

OTHER_LIBRARIES: dict[str, dict[str, Any]] = {
    "monai-densenet": {
        "library": "MONAI DenseNet",
        "rules": Rules(
            ("class_layers.out.weight",),
            (
                (r"features\.(conv0|norm0|norm5)", r"features.\1"),
                (r"features\.(transition\d\.(?:norm|conv))", r"features.\1"),
                (r"features\.(denseblock\d\.denselayer\d+)\.layers\.((?:norm|conv)[12])", r"features.\1.\2"),
                (r"class_layers\.out", "classifier"),
            ),
        ),
    },
}
