"""What is in the way of a checkpoint that no architecture fits, by the names of its tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

_FASTAI = re.compile(r"[01]\.\d+\..+")
_ULTRALYTICS = re.compile(r"model\.\d+\.(?:conv|cv\d|linear|m\.\d+)\..+")
_HUGGING_FACE = re.compile(r"((?!(?:model|module|net|backbone)\.)\w+)\.(?:embeddings|encoder|embedder)\..+")
_ADAPTER = re.compile(r".+\.lora_[AB]\..+")
_INSIGHTFACE = frozenset({"prelu.weight", "features.weight", "bn2.weight"})
_SIGNS: tuple[tuple[Callable[[Collection[str]], bool], str], ...] = (
    (
        lambda names: set(names) >= _INSIGHTFACE,
        "These are the weights of an insightface backbone, which has no classes: its head is in another file, such as"
        " softmax_fc.pt. Give both: exhume release upload backbone.pth --head softmax_fc.pt ...",
    ),
    (
        lambda names: any(_ADAPTER.fullmatch(name) for name in names),
        "Some tensors are LoRA adapters. Merge them into the weights (`merge_and_unload`), and save again.",
    ),
    (
        lambda names: all(_FASTAI.fullmatch(name) for name in names),
        "These are the body and the head of a fastai learner. Export `learn.model` as ONNX.",
    ),
    (
        lambda names: all(_ULTRALYTICS.fullmatch(name) for name in names),
        "These are the weights of an ultralytics network. Export it as ONNX: model.export(format='onnx').",
    ),
)


def hint(names: Collection[str]) -> str:
    """Return a sentence, or an empty string if nothing is recognised."""
    if not names:
        return ""
    families = {found[1] for name in names if (found := _HUGGING_FACE.fullmatch(name))}
    if len(families) == 1:
        return f"These are the names of Hugging Face's {families.pop()!r}, which are not translated."
    return next((text for fits, text in _SIGNS if fits(names)), "")
