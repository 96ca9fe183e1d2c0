"""Reading a gate file and the files that it names."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.cli.gate_file import mistakes, yaml_reader
from app.cli.gate_file.manifest import Description, Manifest
from app.cli.gate_file.mistakes import GateFileError
from app.contract.policy import Policy

M = TypeVar("M", bound=BaseModel)
DEFAULT = "exhume.yaml"


@dataclass(frozen=True)
class GateFile:
    """A gate file that was read. Paths in it are relative to its folder."""

    path: Path
    text: str
    manifest: Manifest
    document: yaml_reader.Document

    def beside(self, path: str) -> Path:
        """Return a path of the file as one for this process."""
        return self.path.parent / path

    def check_files(self) -> None:
        """Raise `GateFileError` for every file that does not exist or cannot be read."""
        found: list[str] = []
        for path, named in self._files():
            if not self.beside(named).is_file():
                place = self.document.place(path)
                found.append(f"{self.path}:{place.line}:{place.column}: {self.beside(named)} does not exist.")
        for read in (self.description, self.policy) if not found else ():
            try:
                read()
            except GateFileError as error:
                found += error.lines
        if found:
            raise GateFileError(found)

    def check_local(self) -> None:
        """Raise `GateFileError` for everything that only a server of your own could have."""
        source = self.manifest.policy
        found: list[tuple[yaml_reader.Path, str]] = []
        if source is not None and self.policy() is None:
            found.append((("policy",), "no policies of a server. Write the policy here, or name a file"))
        found += [
            (("data", role), f"no data sets of a server. Give the file of the {role} one: `{{file: …}}`")
            for role, one in self.manifest.data
            if one is not None and one.file is None
        ]
        if found:
            places = [(self.document.place(path), words) for path, words in found]
            raise GateFileError(
                [f"{self.path}:{place.line}:{place.column}: --local has {words}." for place, words in sorted(places)]
            )

    def _files(self) -> Iterator[tuple[yaml_reader.Path, str]]:
        """Yield the place and the path of every file that the gate reads."""
        checkpoint, data, policy = self.manifest.checkpoint, self.manifest.data, self.manifest.policy
        named: list[tuple[yaml_reader.Path, str | None]] = [(("checkpoint", "path"), checkpoint.path)]
        named += [(("checkpoint", "description"), checkpoint.description.file)]
        named += [(("data", role), one.file) for role, one in data if one is not None]
        named += [(("policy",), policy.file if policy else None)]
        yield from ((path, file) for path, file in named if file is not None)

    @property
    def digest_line(self) -> int:
        """Return the line of the digest, or of the checkpoint. Reports point at it."""
        return self.document.place(("checkpoint", "digest")).line

    def description(self) -> dict[str, Any]:
        """Return the description of the checkpoint. Raises `GateFileError`."""
        source = self.manifest.checkpoint.description
        found = source.inline or _read_description(self.beside(source.file or ""))
        return found.model_dump(mode="json", exclude_none=True)

    def policy(self) -> Policy | None:
        """Return the policy, or None if the server has it. Raises `GateFileError`."""
        source = self.manifest.policy
        if source is None or (source.file is None and source.inline is None):
            return None
        return source.inline or _read(self.beside(source.file or ""), Policy)


def read_gate_file(path: Path) -> GateFile:
    """Read a gate file. Raises `GateFileError` with every mistake and its place."""
    text = _text(path)
    document = _parsed(path, text)
    if document.value is None:
        raise GateFileError([f"{path} is empty. `exhume init` writes one."])
    manifest = _checked(path, document, Manifest)
    return GateFile(path, text, manifest, document)


def _read_description(path: Path) -> Description:
    """Read a description. Other keys may be beside it, unless they look like misspelt ones."""
    document = _parsed(path, _text(path))
    known = list(Description.model_fields)
    if isinstance(document.value, dict):
        others = [key for key in document.value if key not in known and not get_close_matches(str(key), known, 1, 0.8)]
        document.value = {key: value for key, value in document.value.items() if key not in others}
    return _checked(path, document, Description)


def _read(path: Path, model: type[M]) -> M:
    return _checked(path, _parsed(path, _text(path)), model)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()  # line ends stay as they are
    except FileNotFoundError as error:
        hint = " `exhume init` writes one." if path.name == DEFAULT else ""
        raise GateFileError([f"{path} does not exist.{hint}"]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise GateFileError([f"{path} cannot be read: {getattr(error, 'strerror', None) or error}."]) from error


def _parsed(path: Path, text: str) -> yaml_reader.Document:
    try:
        if path.suffix == ".json":
            return yaml_reader.Document(json.loads(text))
    except ValueError as error:
        raise GateFileError([f"{path} is not JSON: {error}."]) from error
    try:
        return yaml_reader.parse(text)
    except yaml_reader.YamlError as error:
        raise mistakes.of_yaml(str(path), error) from error


def _checked(path: Path, document: yaml_reader.Document, model: type[M]) -> M:
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        raise mistakes.of_fields(str(path), document, error, model) from error


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a gate file."""
    schema = Manifest.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Exhume gate file", **schema}


def schema_text() -> str:
    """Return the JSON Schema as it is committed."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
