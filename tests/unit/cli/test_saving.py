"""Files that commands write what a server sent into."""

from pathlib import Path

import pytest
import typer

from app.cli.saving import save
from app.contract.exit_codes import Exit


def test_a_private_file_is_closed_to_others_even_if_it_was_open_to_them(tmp_path: Path) -> None:
    new, old, plain = tmp_path / "new", tmp_path / "old", tmp_path / "plain"
    old.write_bytes(b"longer than what follows")
    old.chmod(0o644)
    for file in (new, old):
        save(file, b"content", private=True)
        assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"content", 0o600)
    save(plain, b"content")
    assert plain.read_bytes() == b"content"


def test_a_file_that_cannot_be_written_ends_the_command_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also on a full disk, whose error names no file."""
    for file in (tmp_path / "absent" / "file", Path("/dev/full")):
        with pytest.raises(typer.Exit) as ended:
            save(file, b"content")
        assert ended.value.exit_code == Exit.USAGE
        assert f"Cannot write {file}" in capsys.readouterr().err
