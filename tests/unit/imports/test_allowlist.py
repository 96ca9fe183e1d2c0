"""The list of hosts: empty means off, entries are exact, and invalid settings fail at startup."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.errors import ProblemError
from app.imports.addresses import parse
from app.imports.allowlist import allowed, check
from app.settings import Settings
from app.uploads.owners import RELEASE

COMMIT = "491b427b45c94c7fb0e78b5474cc919aff584bbf"


@pytest.mark.parametrize(
    ("entries", "url", "expected"),
    [
        (["models.example"], ("https", "models.example", 443), True),
        (["models.example"], ("https", "MODELS.example", 443), True),
        (["models.example"], ("https", "models.example", 8443), False),
        (["models.example:8443"], ("https", "models.example", 8443), True),
        (["models.example:8443"], ("https", "models.example", 443), False),
        (["models.example"], ("https", "a.models.example", 443), False),
        (["models.example"], ("https", "evilmodels.example", 443), False),
        (["models.example"], ("https", "models.example.evil", 443), False),
        (["*.hf.co"], ("https", "cas-bridge.xethub.hf.co", 443), True),
        (["*.hf.co"], ("https", "hf.co", 443), False),
        (["*.hf.co"], ("https", "evilhf.co", 443), False),
        (["[2606:4700::1]"], ("https", "[2606:4700::1]", 443), True),
        (["[2606:4700::1]:8443"], ("https", "[2606:4700::1]", 8443), True),
        (["s3://models"], ("https", "models", 443), False),
        ([], ("https", "models.example", 443), False),
    ],
)
def test_entries(entries: list[str], url: tuple[str, str, int], expected: bool) -> None:
    assert allowed(*url, Settings(import_hosts=entries)) is expected


@pytest.mark.parametrize(
    ("entries", "address", "code"),
    [
        ([], "https://models.example/m.safetensors", "import_off"),
        ([], "s3://models/m.safetensors", "import_off"),
        (["other.example"], "https://models.example/m.safetensors", "import_host"),
        (["models.example"], "s3://models.example/m.safetensors", "import_host"),
        (["s3://models"], "s3://secrets/m.safetensors", "import_host"),
        (["hub.example"], f"hf://a/b@{COMMIT}/m.safetensors", "import_host"),
        (["hub.example"], "models:/a/1", "import_no_registry"),
        (["s3://models"], "s3://models/m.safetensors", None),
        (["huggingface.co"], f"hf://a/b@{COMMIT}/m.safetensors", None),
    ],
)
def test_addresses(entries: list[str], address: str, code: str | None) -> None:
    settings = Settings(import_hosts=entries)
    if code is None:
        check(parse(address, RELEASE.suffixes), settings)
        return
    with pytest.raises(ProblemError) as refused:
        check(parse(address, RELEASE.suffixes), settings)
    assert refused.value.code == code
    assert "operator" in refused.value.detail


def test_the_registry_has_to_be_listed_too() -> None:
    settings = Settings(import_hosts=["other"], import_registry_url="http://mlflow.internal:5000")
    with pytest.raises(ProblemError, match=r"mlflow\.internal:5000"):
        check(parse("models:/a/1", RELEASE.suffixes), settings)
    settings = Settings(import_hosts=["mlflow.internal:5000"], import_registry_url="http://mlflow.internal:5000")
    check(parse("models:/a/1", RELEASE.suffixes), settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"import_hosts": ["https://models.example"]},
        {"import_hosts": ["*"]},
        {"import_hosts": ["*.*"]},
        {"import_hosts": ["models.example/path"]},
        {"import_networks": ["not a network"]},
        {"import_hub_url": "https://user:secret@hub.example"},
        {"import_registry_url": "file:///etc"},
        {"import_s3_url": "s3.example"},
        {"import_seconds": 0},
    ],
)
def test_a_wrong_setting_ends_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings(import_hub_token="hf_secret", import_s3_secret_key="s3-secret", import_registry_token="ml-1"))
    assert "import_hub_token" in shown
    assert not [secret for secret in ("hf_secret", "s3-secret", "ml-1") if secret in shown]


@pytest.mark.parametrize(
    ("address", "changes"),
    [
        ("https://127.0.0.1/m.safetensors", {"import_hosts": ["127.0.0.1"]}),
        ("https://localhost/m.safetensors", {"import_hosts": ["localhost"]}),
        ("models:/a/1", {"import_hosts": ["10.0.0.1"], "import_registry_url": "https://10.0.0.1"}),
        ("s3://models/m.safetensors", {"import_hosts": ["s3://models"], "import_s3_url": "http://10.0.0.1:9000"}),
    ],
)
def test_a_listed_host_that_no_import_may_reach_is_rejected_before_it_is_asked(
    address: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(ProblemError, match="The operator can permit its network in EXHUME_IMPORT_NETWORKS") as rejected:
        check(parse(address, RELEASE.suffixes), Settings(**changes))
    assert rejected.value.code == "import_network"
    opened = changes | {"import_networks": ["127.0.0.0/8", "10.0.0.0/8"]}
    check(parse(address, RELEASE.suffixes), Settings(**opened))
