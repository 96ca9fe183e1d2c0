"""Secrets in the repository are found, named by place and kind, and never printed."""

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from app.auth.secrets import new_api_key

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scanner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("secret_scan", ROOT / ".ci" / "secret_scan.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# In two parts, so that the scanner does not find them here.
SECRETS = {
    "private key": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "key of AWS": "AKIA" + "2E3XQZ5T7MNBVCWL",
    "token of GitHub": "ghp_" + "a1B2" * 9,
    "token of GitLab": "glpat-" + "a1B2" * 5,
    "token of Hugging Face": "hf_" + "aBcD" * 9,
    "token of Slack": "xoxb-" + "123456789012-abcdefghij",
    "token of PyPI or npm": "npm_" + "a1B2" * 9,
    "password in an address": "postgresql://exhume:" + "kj2h3kjh4kj@db.internal/exhume",
    "API key of Exhume": new_api_key(),
}


@pytest.mark.parametrize("kind", sorted(SECRETS))
def test_every_kind_is_found(scanner: ModuleType, kind: str) -> None:
    assert set(scanner.KINDS) == set(SECRETS)
    assert list(scanner.found_in(f"a\nvalue = '{SECRETS[kind]}'\n")) == [(2, kind)]
    assert list(scanner.found_in(f"value = '{SECRETS[kind]}'  # not a secret")) == []


def test_files_are_scanned_and_no_secret_is_printed(scanner: ModuleType, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / "config.py").write_text(f"KEY = '{SECRETS['key of AWS']}'\n")
    (tmp_path / ".env").write_text("")
    (tmp_path / "untracked.py").write_text(SECRETS["private key"])
    subprocess.run(["git", "add", "config.py", ".env"], cwd=tmp_path, check=True)
    assert scanner.scan(tmp_path) == [".env: a file of this name holds secrets", "config.py:1: key of AWS"]
