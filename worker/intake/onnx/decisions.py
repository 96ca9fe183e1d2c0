"""Removal of outputs that are decisions, such as the best class. Rejects models without scores."""

from __future__ import annotations

from dataclasses import replace

from app.formats.recipes import EXPORT
from app.formats.refusal import Refused, shown
from worker.intake.onnx.model import OnnxModel, OnnxNode

_DECIDING = frozenset(
    {"ArgMax", "ArgMin", "TopK", "OneHot", "Hardmax", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"}
)
_PASSING = frozenset({"Cast", "Flatten", "Gather", "Identity", "Reshape", "Squeeze", "Unsqueeze"})
_FLOATS = frozenset({0, 1, 10, 11, 16})  # by TensorProto.DataType; 0 if the file does not say


def with_scores_alone(model: OnnxModel) -> OnnxModel:
    """Return the model without outputs that are decisions, and the operators that only they need.

    Raises: Refused (hard-outputs) if no other output is left.
    """
    makers = {name: node for node in model.nodes for name in node.outputs}
    decisions = {value.name: _decided_by(value.name, value.element, makers) for value in model.outputs}
    scores = [value for value in model.outputs if decisions[value.name] is None]
    if len(scores) == len(model.outputs):
        return model
    if not scores:
        raise hard_outputs(f"its outputs are decisions ({', '.join(sorted({str(d) for d in decisions.values()}))})")
    needed, kept = {value.name for value in scores}, []
    for node in reversed(model.nodes):
        if needed & set(node.outputs):
            needed.update(node.inputs)
            kept.append(node)
    return replace(model, nodes=kept[::-1], outputs=scores)


def hard_outputs(what: str) -> Refused:
    """Return the rejection of a model whose outputs are not scores."""
    return Refused(
        "hard-outputs",
        f"This model cannot be audited: {what}, and an audit needs scores. Export the network with the outputs of its"
        " last layer, a score for each class and image (N, classes), without argmax, top-k, one-hot or rounding."
        f" {EXPORT}",
        [{"detail": shown(what, 500)}],
    )


def _decided_by(output: str, element: int, makers: dict[str, OnnxNode]) -> str | None:
    """Return the operator or type that makes the output a decision, or None for scores."""
    name = output
    while name in makers:
        node = makers[name]
        if node.operator in _DECIDING:
            return shown(node.operator, 40)
        if node.operator not in _PASSING or not node.inputs:
            break
        name = node.inputs[1] if node.operator == "Gather" and node.inputs[0] not in makers else node.inputs[0]
    return None if element in _FLOATS else "whole numbers"
