"""The line with the digest of the checkpoint, which `exhume gate --update-digest` writes."""

import re

from app.cli.gate_file import yaml_reader
from app.cli.gate_file.mistakes import GateFileError
from app.cli.gate_file.reading import GateFile

CHECKPOINT, KEY = "checkpoint", ("checkpoint", "digest")
LINE = re.compile(r"""^(?P<key>\s*["']?digest["']?\s*:)[^#\n]*?(?P<rest>\s*(?:\#.*)?)$""")


def with_digest(file: GateFile, digest: str) -> str:
    """Return the text of the file with this digest. Everything else stays as it is.

    Raises `GateFileError` if the checkpoint is not written on lines of its own.
    """
    lines = file.text.splitlines(keepends=True)
    if KEY in file.document.keys:
        at = file.document.keys[KEY].line - 1
        body, end = _split(lines[at])
        lines[at] = LINE.sub(lambda found: f"{found['key']} {digest}{found['rest']}", body) + end
    else:
        named = file.document.keys.get((CHECKPOINT, "path")) or file.document.keys[CHECKPOINT, "address"]
        lines.insert(named.line, f"{' ' * (named.column - 1)}digest: {digest}\n")
    text = "".join(lines)
    if not _differs_in_digest_alone(file, text, digest):
        place = file.document.place((CHECKPOINT,))
        raise GateFileError(
            [
                f"{file.path}:{place.line}:{place.column}: the digest cannot be written here. Write the keys of "
                f"`checkpoint` on lines of their own, among them `digest: {digest}`."
            ]
        )
    return text


def _split(line: str) -> tuple[str, str]:
    body = line.rstrip("\r\n")
    return body, line[len(body) :]


def _differs_in_digest_alone(file: GateFile, text: str, digest: str) -> bool:
    try:
        found = yaml_reader.parse(text).value
    except yaml_reader.YamlError:
        return False
    expected = {**file.document.value, CHECKPOINT: {**file.document.value[CHECKPOINT], "digest": digest}}
    return bool(found == expected)
