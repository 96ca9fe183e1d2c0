"""A signature is sent with its key and signer, or not at all."""

from pathlib import Path

import pytest
import typer

from app.cli.signatures import read_signature


def test_a_signature_needs_its_key_and_signer(tmp_path: Path) -> None:
    file = tmp_path / "model.sig"
    file.write_text("{}")
    assert read_signature(None, None, None) is None
    assert read_signature(file, file, "Dana") == {"bundle": "{}", "key": "{}", "signer": "Dana"}
    for one in ((file, None, None), (None, file, "Dana"), (file, file, None)):
        with pytest.raises(typer.BadParameter, match="all three"):
            read_signature(*one)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(typer.BadParameter, match="text files"):
        read_signature(file, file, "Dana")
