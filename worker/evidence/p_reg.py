"""p_reg of an audit: mean and deviation of the target's features on the public images."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import load_file, save_file

from app.jobs.stages import Stage
from worker.evidence.artifacts import Made, get_artifact, make_artifact
from worker.inversion.keys import Key
from worker.inversion.objective import PublicFeatures
from worker.inversion.students import public_features
from worker.inversion.targets import Target
from worker.job.context import StageContext

KIND = "p_reg"


def make_p_reg(context: StageContext, key: Key, target: Target, public: np.ndarray) -> Made:
    """Compute the features, or reuse those of this key."""

    def make(path: Path) -> dict[str, Any]:
        features = public_features(target, public)
        save_file({"mean": features.mean.contiguous(), "std": features.std.contiguous()}, path)
        return {"images": len(public)}

    return make_artifact(context, KIND, key, make)


def open_p_reg(context: StageContext, key: str) -> PublicFeatures:
    """Return the features that the prepare stage stored under this key."""
    return PublicFeatures(**load_file(get_artifact(context, KIND, key, made_by=Stage.PREPARE)))
