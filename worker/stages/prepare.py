"""Prepare: examine the target once more, look for contamination, compute p_reg."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import save_file

from app.errors import UnprocessableError
from app.kit.canonical import digest
from worker.inversion.data import images_digest
from worker.inversion.students import public_features
from worker.inversion.targets import Outputs, examine_target
from worker.runtime.context import Outcome, StageContext
from worker.stages.artifacts import make_artifact
from worker.stages.contamination import Contamination, find_contamination
from worker.stages.embeddings import knowing_public
from worker.stages.inputs import audit_inputs, open_images, open_target
from worker.stages.verifiers import open_verifiers

P_REG_VERSION = "p-reg/2"
FEWEST_PUBLIC = 64


def run(context: StageContext) -> Outcome:
    """Everything that can stop an audit stops it here, before compute is spent."""
    inputs = audit_inputs(context)
    target = open_target(context, inputs)
    examination = examine_target(target)
    context.progress(1, 3)

    public = open_images(context, inputs.public).images
    found, compared = Contamination((), ()), inputs.private is not None
    if inputs.private is not None:
        private = open_images(context, inputs.private)
        verifiers = knowing_public(context, open_verifiers(context, inputs), inputs.plan, public)
        found = find_contamination(public, private.images, private.labels, verifiers)
    public = np.delete(public, found.dropped, axis=0)
    if len(public) < FEWEST_PUBLIC:
        detail = f"{len(public)} public images are left without the private ones among them; add to {FEWEST_PUBLIC}."
        raise UnprocessableError("too_few_public_images", detail)
    context.progress(2, 3)

    public_digest = images_digest(public)
    content = {
        "target": inputs.checkpoint_sha256,
        "network": [inputs.architecture, inputs.hyperparameters, inputs.convention.to_dict(), len(inputs.classes)],
        "images": public_digest,
        "code": P_REG_VERSION,
    }
    key = digest(content)

    def make(path: Path) -> dict[str, Any]:
        features = public_features(target, public)
        save_file({"mean": features.mean.contiguous(), "std": features.std.contiguous()}, path)
        return {"images": len(public)}

    p_reg = make_artifact(context, "p_reg", key, make)
    context.progress(3, 3)
    return Outcome(
        {
            "outputs": examination.outputs,
            "feature_dim": examination.feature_dim,
            "parameters": examination.parameters,
            "notes": list(examination.notes),
            "contamination": {
                "compared": compared,
                "exact": len(found.exact),
                "near": len(found.near),
                "alike": len(found.alike),
                "dropped": found.dropped,
            },
            "public_images": len(public),
            "public_digest": public_digest,
            "target_digest": digest(content | {"images": None, "code": None} | made_into_logits(examination.outputs)),
            "p_reg": {"key": key, "reused": p_reg.reused},
            "hardware": context.hardware,
        }
    )


def made_into_logits(outputs: Outputs) -> dict[str, str]:
    """What the digest of a target needs beside weights and network: outputs that were taken for logits before."""
    return {} if outputs in ("logits", "probabilities") else {"outputs": outputs}
