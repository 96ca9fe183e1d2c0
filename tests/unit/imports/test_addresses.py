"""Addresses: only exact forms are accepted, and only pinned revisions and plain IP addresses."""

import pytest

from app.errors import ProblemError
from app.imports.addresses import Address, Kind, parse
from app.uploads.owners import DATASET, RELEASE, VERIFIER

COMMIT = "491b427b45c94c7fb0e78b5474cc919aff584bbf"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://models.example/a/b.safetensors", Address(Kind.HTTPS, "models.example", "a/b.safetensors")),
        ("https://Models.Example:8443/m.safetensors", Address(Kind.HTTPS, "models.example", "m.safetensors", 8443)),
        ("https://9.9.9.9/m.safetensors", Address(Kind.HTTPS, "9.9.9.9", "m.safetensors")),
        ("https://[2606:4700::1]/m.safetensors", Address(Kind.HTTPS, "[2606:4700::1]", "m.safetensors")),
        ("s3://our-models/x/m.safetensors", Address(Kind.S3, "our-models", "x/m.safetensors")),
        (
            f"hf://timm/resnet18.a1_in1k@{COMMIT}/model.safetensors",
            Address(Kind.HUB, "timm/resnet18.a1_in1k", "model.safetensors", revision=COMMIT),
        ),
        ("models:/badge reader/7", Address(Kind.MODELS, "badge reader", "model.safetensors", revision="7")),
        ("models:/badge/7/data/m.safetensors", Address(Kind.MODELS, "badge", "data/m.safetensors", revision="7")),
        (f"runs:/{'a' * 32}/m.safetensors", Address(Kind.RUNS, "a" * 32, "m.safetensors", revision="a" * 32)),
    ],
)
def test_addresses_of_every_kind_are_parsed(text: str, expected: Address) -> None:
    assert parse(text, RELEASE.suffixes) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://models.example/m.safetensors",
        "file:///etc/m.safetensors",
        "FILE:/etc/m.safetensors",
        "ftp://models.example/m.safetensors",
        "//models.example/m.safetensors",
        "/etc/m.safetensors",
        "",
        "https://models.example",
        "https:///m.safetensors",
        "https://user:secret@models.example/m.safetensors",
        "https://models.example@169.254.169.254/m.safetensors",
        "https://models.example/m.safetensors?token=secret",
        "https://models.example/m.safetensors#x.safetensors",
        "https://models.example\\@evil.example/m.safetensors",
        "https://models.example/\r\nHost: evil.example/m.safetensors",
        " https://models.example/m.safetensors",
        "https://models.example/../m.safetensors",
        "https://models.example/%2e%2e/m.safetensors",
        "https://models.example/a%2F..%2fm.safetensors",
        "https://models.example//m.safetensors",
        "https://models.example:0/m.safetensors",
        "https://models.example:99999/m.safetensors",
        "https://models.example./m.safetensors",
        "https://mödels.example/m.safetensors",
        "https://models。example/m.safetensors",
        "https://127.1/m.safetensors",
        "https://2130706433/m.safetensors",
        "https://0177.0.0.1/m.safetensors",
        "https://0x7f000001/m.safetensors",
        "https://0x7f.0.0.0x1/m.safetensors",
        "https://169.254.43518/m.safetensors",
        "https://example.0x/m.safetensors",
        "https://127.0.0.1./m.safetensors",
        "https://[::1%25lo]/m.safetensors",
        "https://[fe80::1%lo]/m.safetensors",
        "https://[127.0.0.1]x/m.safetensors",
        "s3://Bucket/m.safetensors",
        "s3://b/m.safetensors",
        "s3://our-models/../m.safetensors",
        f"hf://resnet18@{COMMIT}/model.safetensors",
        f"hf://owner/name@{COMMIT}/../model.safetensors",
        "runs:/latest/m.safetensors",
        "https://models.example/" + "a" * 1000 + ".safetensors",
    ],
)
def test_every_other_form_is_rejected(text: str) -> None:
    with pytest.raises(ProblemError) as refused:
        parse(text, RELEASE.suffixes)
    assert refused.value.code == "import_address"
    assert "https://host/…" in refused.value.detail


@pytest.mark.parametrize(
    "text",
    [
        "hf://owner/name/model.safetensors",
        "hf://owner/name@main/model.safetensors",
        f"hf://owner/name@{COMMIT[:12]}/model.safetensors",
        f"hf://owner/name@{COMMIT.upper()}/model.safetensors",
        "models:/badge/Production",
        "models:/badge/latest/model.safetensors",
        "models:/badge@champion",
        "models:/badge/0",
    ],
)
def test_a_revision_that_can_move_is_rejected(text: str) -> None:
    with pytest.raises(ProblemError) as refused:
        parse(text, RELEASE.suffixes)
    assert refused.value.code == "import_unpinned"


@pytest.mark.parametrize("name", ["m.pt", "m.bin", "m.pkl", "m.onnx", "m.safetensors.pt", "m", "m.zip"])
def test_only_safetensors_are_fetched_for_a_release(name: str) -> None:
    with pytest.raises(ProblemError) as refused:
        parse(f"https://models.example/{name}", RELEASE.suffixes)
    assert refused.value.code == "import_file_type"


def test_only_onnx_models_are_fetched_for_a_verifier() -> None:
    assert parse("https://models.example/v.onnx", VERIFIER.suffixes).filename == "v.onnx"
    for name in ("v.safetensors", "v.pt", "v.onnx.zip", "models:/judge/7"):
        with pytest.raises(ProblemError, match=r"Only \.onnx"):
            parse(name if ":" in name else f"https://models.example/{name}", VERIFIER.suffixes)


def test_only_image_sets_are_fetched_for_a_dataset() -> None:
    assert parse("https://models.example/faces.ZIP", DATASET.suffixes).filename == "faces.ZIP"
    with pytest.raises(ProblemError, match=r"\.zip and \.npz"):
        parse("https://models.example/m.safetensors", DATASET.suffixes)
