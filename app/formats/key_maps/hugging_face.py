"""Names of the image classifiers of Hugging Face's transformers."""

from __future__ import annotations

import re
from typing import Any

from app.formats.key_maps.made import MadeTensor, shape_of
from app.formats.key_maps.rules import Rule, Rules, Target, dropped, later, part

_LIBRARY = "Hugging Face"


def _attention(before: str, inner: str, after: str) -> tuple[Rule, ...]:
    """Return rules for query, key and value, which timm keeps in one tensor."""
    names = ("query", "key", "value")
    return tuple((f"{before}{inner}\\.{name}", part(f"{after}.attn.qkv", place)) for place, name in enumerate(names))


def _block(before: str, inner: str, after: str) -> tuple[Rule, ...]:
    """Return rules for a block of a transformer."""
    return (
        *_attention(before, inner, after),
        (f"{before}attention\\.output\\.dense", f"{after}.attn.proj"),
        (f"{before}layernorm_before", f"{after}.norm1"),
        (f"{before}layernorm_after", f"{after}.norm2"),
        (f"{before}intermediate\\.dense", f"{after}.mlp.fc1"),
        (f"{before}output\\.dense", f"{after}.mlp.fc2"),
    )


def _vit(family: str, *heads: Rule) -> tuple[Rule, ...]:
    return (
        (rf"{family}\.embeddings\.cls_token", "cls_token"),
        (rf"{family}\.embeddings\.distillation_token", "dist_token"),
        (rf"{family}\.embeddings\.mask_token", dropped),
        (rf"{family}\.embeddings\.position_embeddings", "pos_embed"),
        (rf"{family}\.embeddings\.patch_embeddings\.projection", "patch_embed.proj"),
        *_block(rf"{family}\.encoder\.layer\.(\d+)\.", r"attention\.attention", r"blocks.\1"),
        (rf"{family}\.layernorm", "norm"),
        *heads,
    )


def _doubled(tensor: Any) -> MadeTensor:
    return MadeTensor("doubled", (tensor,), shape_of(tensor))


def _zeros(tensor: Any) -> MadeTensor:
    parts = tensor.parts[:1] if isinstance(tensor, MadeTensor) else (tensor,)
    return MadeTensor("zeros", parts, shape_of(tensor))


def _swapped(tensor: Any) -> MadeTensor:
    return MadeTensor("swapped", (tensor,), shape_of(tensor))


def _flat(tensor: Any) -> MadeTensor:
    return MadeTensor("reshaped", (tensor,), tuple(side for side in shape_of(tensor) if side != 1))


def _as_convolution(tensor: Any) -> MadeTensor:
    return MadeTensor("reshaped", (tensor,), (*shape_of(tensor), 1, 1))


def _of_resnet(found: re.Match[str]) -> Target:
    stage, block, layer, kind = int(found[1]) + 1, found[2], int(found[3]) + 1, found[4]
    return f"layer{stage}.{block}.{'conv' if kind == 'convolution' else 'bn'}{layer}"


def _of_shortcut(found: re.Match[str]) -> Target:
    return f"layer{int(found[1]) + 1}.{found[2]}.downsample.{0 if found[3] == 'convolution' else 1}"


_MOBILE = {"convolution": "conv", "normalization": "bn"}


def _of_mobilenet_v1(found: re.Match[str]) -> Target:
    number, kind = int(found[1]), found[2]
    deep = number % 2 == 0
    name = ("conv_dw" if deep else "conv_pw") if kind == "convolution" else ("bn1" if deep else "bn2")
    return f"blocks.{{{number // 2}}}.{name}"


def _of_mobilenet_v2(found: re.Match[str]) -> Target:
    place = ("expand_1x1", "conv_3x3", "reduce_1x1").index(found[2])
    if found[3] == "normalization":
        return f"blocks.{{{int(found[1]) + 1}}}.bn{place + 1}"
    return f"blocks.{{{int(found[1]) + 1}}}.{('conv_pw', 'conv_dw', 'conv_pwl')[place]}"


_V2_STEM = {
    **{"first_conv.convolution": "conv_stem", "first_conv.normalization": "bn1"},
    **{"conv_3x3.convolution": "blocks.0.0.conv_dw", "conv_3x3.normalization": "blocks.0.0.bn1"},
    **{"reduce_1x1.convolution": "blocks.0.0.conv_pw", "reduce_1x1.normalization": "blocks.0.0.bn2"},
}
_EFFICIENT = {
    **{"expansion.expand_conv": "conv_pw", "expansion.expand_bn": "bn1"},
    **{"depthwise_conv.depthwise_conv": "conv_dw", "depthwise_conv.depthwise_norm": "bn2"},
    **{"squeeze_excite.reduce": "se.conv_reduce", "squeeze_excite.expand": "se.conv_expand"},
    **{"projection.project_conv": "conv_pwl", "projection.project_bn": "bn3"},
}
_FIRST_STAGE = {"bn2": "bn1", "conv_pwl": "conv_pw", "bn3": "bn2"}
"""Blocks of the first stage do not widen, so that their layers count from one less."""


def _in_first_stage(name: str) -> str:
    stem, _, layer = name.rpartition(".")
    return f"{stem}.{_FIRST_STAGE.get(layer, layer)}" if re.fullmatch(r"blocks\.0\.\d+", stem) else name


def _efficient(found: re.Match[str]) -> str:
    return f"blocks.{{{found[1]}}}.{_EFFICIENT[found[2]]}"


_B = {16: (1, 2, 2, 3, 3, 4, 1), 23: (2, 3, 3, 4, 4, 5, 2), 26: (2, 3, 3, 5, 5, 6, 2), 32: (2, 4, 4, 6, 6, 8, 2)}
_B |= {39: (3, 5, 5, 7, 7, 9, 3), 45: (3, 6, 6, 8, 8, 11, 3), 55: (4, 7, 7, 10, 10, 13, 4)}
"""Blocks in each stage of EfficientNet-B0 to B7, by their sum."""
_CONVNEXT: tuple[Rule, ...] = (
    (r"convnext(?:v2)?\.embeddings\.patch_embeddings", "stem.0"),
    (r"convnext(?:v2)?\.embeddings\.layernorm", "stem.1"),
    (r"convnext(?:v2)?\.encoder\.stages\.(\d+)\.downsampling_layer\.(\d)", r"stages.\1.downsample.\2"),
    (r"convnext(?:v2)?\.encoder\.stages\.(\d+)\.layers\.(\d+)\.dwconv", r"stages.\1.blocks.\2.conv_dw"),
    (r"convnext(?:v2)?\.encoder\.stages\.(\d+)\.layers\.(\d+)\.layernorm", r"stages.\1.blocks.\2.norm"),
    (r"convnext(?:v2)?\.encoder\.stages\.(\d+)\.layers\.(\d+)\.pwconv([12])", r"stages.\1.blocks.\2.mlp.fc\3"),
    (r"convnext(?:v2)?\.encoder\.stages\.(\d+)\.layers\.(\d+)\.grn", r"stages.\1.blocks.\2.mlp.grn"),
    (r"convnext(?:v2)?\.encoder\.stages\.(\d+)\.layers\.(\d+)\.layer_scale_parameter", r"stages.\1.blocks.\2.gamma"),
    (r"convnext(?:v2)?\.layernorm", "head.norm"),
    (r"classifier", "head.fc"),
)
_DEPTHS = (18, 26, 34, 50, 101, 152)
_GRN = {"grn.weight": _flat, "grn.bias": _flat}
_SAME_PADDING = {"pad_type": "same", "bn_eps": 0.001}
"""TensorFlow's padding, with which these networks were trained, and its BatchNorm."""
_GELU = "a `hidden_act` other than `gelu`"
_EFFICIENT_SIDES = (240, 260, 300, 380, 456, 528, 600)
"""Of B1 to B7. Their configurations list the convolutions that need other padding at this side."""
HUGGING_FACE: dict[str, dict[str, Any]] = {
    "hugging-face-vit": {
        "library": f"{_LIBRARY} ViT",
        "rules": Rules(("vit.embeddings.cls_token",), _vit("vit", ("classifier", "head"))),
        "only": ("timm/",),
        "unless": _GELU,
    },
    "hugging-face-deit-teacher": {
        "library": f"{_LIBRARY} DeiT with teacher",
        "rules": Rules(
            ("distillation_classifier.weight",),
            _vit("deit", ("cls_classifier", "head"), ("distillation_classifier", "head_dist")),
        ),
        "only": ("timm/",),
        "unless": _GELU,
    },
    # timm's DeiT gives the mean of two heads, one for each of its first two tokens. Hugging Face's
    # has one head, for the first. Its first two tokens change places, and its head, doubled,
    # becomes timm's second one beside a head of zeros. The mean is exact.
    "hugging-face-deit": {
        "library": f"{_LIBRARY} DeiT",
        "rules": Rules(
            ("deit.embeddings.distillation_token",),
            (
                (r"deit\.embeddings\.cls_token", "dist_token"),
                (r"deit\.embeddings\.distillation_token", "cls_token"),
                *_vit("deit", ("classifier", "head_dist")),
            ),
            changes={"pos_embed": _swapped, "head_dist.weight": _doubled, "head_dist.bias": _doubled},
            added={"head.weight": (_zeros, "head_dist.weight"), "head.bias": (_zeros, "head_dist.bias")},
        ),
        "only": ("timm/",),
        "unless": _GELU,
    },
    "hugging-face-swin": {
        "library": f"{_LIBRARY} Swin",
        "rules": Rules(
            ("swin.embeddings.norm.weight",),
            (
                (r"swin\.embeddings\.patch_embeddings\.projection", "patch_embed.proj"),
                (r"swin\.embeddings\.norm", "patch_embed.norm"),
                (r"swin\.embeddings\.mask_token", dropped),
                *_block(r"swin\.encoder\.layers\.(\d+)\.blocks\.(\d+)\.", r"attention\.self", r"layers.\1.blocks.\2"),
                (
                    r"swin\.encoder\.layers\.(\d+)\.blocks\.(\d+)\.attention\.self\.relative_position_bias_table",
                    r"layers.\1.blocks.\2.attn.relative_position_bias_table",
                ),
                (r"swin\.encoder\.layers\.\d+\.blocks\.\d+\.attention\.self\.relative_position_index", dropped),
                (r"swin\.encoder\.layers\.(\d+)\.downsample\.(norm|reduction)", later(r"layers.{n}.downsample.\2")),
                (r"swin\.layernorm", "norm"),
                ("classifier", "head.fc"),
            ),
        ),
        "only": ("timm/",),
        "unless": _GELU,
    },
    "hugging-face-convnext": {
        "library": f"{_LIBRARY} ConvNeXt",
        "rules": Rules(
            ("convnext.embeddings.layernorm.weight", "convnextv2.embeddings.layernorm.weight"),
            _CONVNEXT,
            changes=_GRN,
        ),
        "only": ("timm/",),
        "unless": _GELU,
    },
    # timm's smaller ConvNeXts have convolutions of one pixel in place of linear layers.
    "hugging-face-convnext-convolutions": {
        "library": f"{_LIBRARY} ConvNeXt",
        "rules": Rules(
            ("convnext.embeddings.layernorm.weight", "convnextv2.embeddings.layernorm.weight"),
            _CONVNEXT,
            changes=_GRN | {"mlp.fc1.weight": _as_convolution, "mlp.fc2.weight": _as_convolution},
        ),
        "only": ("timm/",),
        "unless": _GELU,
    },
    "hugging-face-resnet": {
        "library": f"{_LIBRARY} ResNet",
        "rules": Rules(
            ("resnet.embedder.embedder.convolution.weight",),
            (
                (r"resnet\.embedder\.embedder\.convolution", "conv1"),
                (r"resnet\.embedder\.embedder\.normalization", "bn1"),
                (
                    r"resnet\.encoder\.stages\.(\d)\.layers\.(\d+)\.layer\.(\d)\.(convolution|normalization)",
                    _of_resnet,
                ),
                (r"resnet\.encoder\.stages\.(\d)\.layers\.(\d+)\.shortcut\.(convolution|normalization)", _of_shortcut),
                (r"classifier\.1", "fc"),
            ),
        ),
        "only": tuple(f"{library}/resnet{depth}" for library in ("timm", "torchvision") for depth in _DEPTHS),
        "unless": "`downsample_in_bottleneck`, or a `hidden_act` other than `relu`",
    },
    "hugging-face-mobilenet-v1": {
        "library": f"{_LIBRARY} MobileNet V1",
        "rules": Rules(
            ("mobilenet_v1.conv_stem.convolution.weight",),
            (
                (r"mobilenet_v1\.conv_stem\.convolution", "conv_stem"),
                (r"mobilenet_v1\.conv_stem\.normalization", "bn1"),
                (r"mobilenet_v1\.layer\.(\d+)\.(convolution|normalization)", _of_mobilenet_v1),
                ("classifier", "classifier"),
            ),
            blocks=r"mobilenet_v1\.layer\.(\d+)\.",
            depths={26: (1, 2, 2, 6, 2)},
        ),
        "only": ("timm/mobilenetv1_",),
        "hyperparameters": _SAME_PADDING,
        "unless": "`tf_padding` false, or a `hidden_act` other than `relu6`",
    },
    "hugging-face-mobilenet-v2": {
        "library": f"{_LIBRARY} MobileNet V2",
        "rules": Rules(
            ("mobilenet_v2.conv_stem.first_conv.convolution.weight",),
            (
                (r"mobilenet_v2\.conv_stem\.(\w+\.\w+)", lambda found: _V2_STEM.get(found[1], found[0])),
                (r"mobilenet_v2\.layer\.(\d+)\.(\w+)\.(convolution|normalization)", _of_mobilenet_v2),
                (r"mobilenet_v2\.conv_1x1\.convolution", "conv_head"),
                (r"mobilenet_v2\.conv_1x1\.normalization", "bn2"),
                ("classifier", "classifier"),
            ),
            blocks=r"mobilenet_v2\.layer\.(\d+)\.",
            depths={16: (1, 2, 3, 4, 3, 3, 1)},
        ),
        "only": ("timm/mobilenetv2_",),
        "hyperparameters": _SAME_PADDING,
        "unless": "`tf_padding` false, or a `hidden_act` other than `relu6`",
    },
    "hugging-face-efficientnet": {
        "library": f"{_LIBRARY} EfficientNet",
        "rules": Rules(
            ("efficientnet.embeddings.convolution.weight",),
            (
                (r"efficientnet\.embeddings\.convolution", "conv_stem"),
                (r"efficientnet\.embeddings\.batchnorm", "bn1"),
                (rf"efficientnet\.encoder\.blocks\.(\d+)\.({'|'.join(map(re.escape, _EFFICIENT))})", _efficient),
                (r"efficientnet\.encoder\.top_conv", "conv_head"),
                (r"efficientnet\.encoder\.top_bn", "bn2"),
                ("classifier", "classifier"),
            ),
            blocks=r"efficientnet\.encoder\.blocks\.(\d+)\.",
            depths=_B,
            after=_in_first_stage,
        ),
        "only": ("timm/tf_efficientnet_b",),
        "unless": "a `depthwise_padding` for another `image_size`, or a `hidden_act` other than `swish`",
        "sides": lambda side: side % 32 == 0 or side in _EFFICIENT_SIDES,
    },
}
