"""Examinations of checkpoints, as the intake stores them."""

from typing import Any

from app.contract.examination import Examination


def examination(**fields: Any) -> dict[str, Any]:
    """Return a stored examination, with these fields."""
    found = {"outputs": "logits", "num_classes": 6, "feature_dim": 8, "parameters": 100, "tensors": 2}
    stored = {"checkpoint_sha256": "c" * 64, "dtypes": ["F32"], "notes": []}
    return Examination.model_validate(found | stored | fields).model_dump(mode="json")
