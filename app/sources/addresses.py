"""Addresses of sources: places that can move, and the pinned address of one revision.

https://host/path/model.safetensors         its ETag
s3://bucket/prefix/                         the newest .safetensors object below the prefix
hf://owner/name@main/path/model.safetensors the commit of a branch or tag
models:/name@alias[/path]                   the version that an alias names
models:/name/Stage[/path]                   the newest version of a stage
models:/name[//path]                        the newest version
"""

import re
from dataclasses import dataclass

from app.db.models import SourceKind
from app.errors import ProblemError, UnprocessableError
from app.imports.addresses import Address, Kind
from app.imports.addresses import parse as parse_pinned
from app.uploads.owners import RELEASE

S3 = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<prefix>[A-Za-z0-9._/=-]*)")
HUB = re.compile(r"hf://(?P<repository>[\w.-]+/[\w.-]+)@(?P<revision>[\w.-]{1,100})/(?P<path>[^?#]+)", re.ASCII)
MODELS = re.compile(
    r"models:/(?P<name>[^/:@?#]+)(?:@(?P<alias>[\w.-]{1,100})|/(?P<stage>[A-Za-z]{1,50})(?=/|$)|(?=//|$))"
    r"(?://?(?P<path>[^?#]+))?"
)
FILE = "model.safetensors"
ANY_COMMIT, ANY_VERSION = "0" * 40, "1"
FORMS = "https://host/file, s3://bucket/prefix/, hf://owner/name@branch/file, models:/name@alias or models:/name/Stage"


@dataclass(frozen=True)
class Watched:
    """A parsed address. `place` is the URL, bucket, repository or model."""

    kind: SourceKind
    place: str
    path: str = ""
    revision: str | None = None
    alias: str | None = None
    stage: str | None = None

    def pinned(self, revision: str, key: str | None = None) -> str:
        """Return the address of the file of one revision. `key` is the object found in S3."""
        match self.kind:
            case SourceKind.HTTPS:
                return self.place
            case SourceKind.S3:
                return f"s3://{self.place}/{key}"
            case SourceKind.HUB:
                return f"hf://{self.place}@{revision}/{self.path}"
            case SourceKind.MLFLOW:
                return f"models:/{self.place}/{revision}/{self.path}"


def parse(text: str) -> Watched:
    """Return the parts of an address. Raises: UnprocessableError for another form."""
    watched = _read(text)
    if watched.kind is not SourceKind.S3:
        try:
            parse_pinned(
                watched.pinned(ANY_COMMIT if watched.kind is SourceKind.HUB else ANY_VERSION), RELEASE.suffixes
            )
        except ProblemError as error:
            raise UnprocessableError("source_address", f"This address cannot be watched. {error.detail}") from error
    return watched


def permission(watched: Watched) -> Address:
    """Return an address of an import by which the list of permitted hosts can be asked."""
    if watched.kind is SourceKind.S3:
        return Address(Kind.S3, watched.place, "file")
    return parse_pinned(watched.pinned(ANY_COMMIT if watched.kind is SourceKind.HUB else ANY_VERSION), RELEASE.suffixes)


def _read(text: str) -> Watched:
    if text.startswith("https://"):
        return Watched(SourceKind.HTTPS, text)
    if (found := S3.fullmatch(text)) and ".." not in found["prefix"].split("/"):
        return Watched(SourceKind.S3, found["bucket"], found["prefix"])
    if found := HUB.fullmatch(text):
        return Watched(SourceKind.HUB, found["repository"], found["path"], found["revision"])
    if found := MODELS.fullmatch(text):
        path = found["path"] or FILE
        return Watched(SourceKind.MLFLOW, found["name"], path, alias=found["alias"], stage=found["stage"])
    raise UnprocessableError("source_address", f"This address cannot be watched. Accepted forms are {FORMS}.")
