"""Checkpoints on the user's disk: packing shards into one file and reading shapes from headers."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from app.formats.onnx_external import whole_model

INDEX_SUFFIX = ".safetensors.index.json"
LARGEST_HEADER = 16 * 1024 * 1024


@contextmanager
def one_file(checkpoint: Path) -> Iterator[Path]:
    """Yield the file to upload.

    It is the checkpoint or, for an index of shards, an uncompressed ZIP archive of index and
    shards, or an ONNX model with the weights that are in files beside it. The same files give the
    same file and digest. Raises OSError or ValueError.
    """
    if checkpoint.suffix == ".onnx":
        with _whole(checkpoint) as file:
            yield file
        return
    if not checkpoint.name.endswith(INDEX_SUFFIX):
        yield checkpoint
        return
    with tempfile.TemporaryDirectory(prefix="exhume-shards-", dir=checkpoint.parent) as folder:
        packed = Path(folder) / "model.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for path in [checkpoint, *shards_of(checkpoint)]:
                with path.open("rb") as file, archive.open(zipfile.ZipInfo(path.name), "w", force_zip64=True) as member:
                    while piece := file.read(1024 * 1024):
                        member.write(piece)
        yield packed


@contextmanager
def _whole(model: Path) -> Iterator[Path]:
    """Yield an ONNX model with all its weights: the file, or a copy with those of other files."""
    with ExitStack() as stack:
        with whole_model(model) as pieces:
            if pieces is not None:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="exhume-onnx-", dir=model.parent))
                copy = Path(folder) / model.name
                with copy.open("wb") as file:
                    file.writelines(pieces)
                model = copy
        yield model


def shards_of(index: Path) -> list[Path]:
    """Return the shards that the index names, which are in its folder.

    Raises OSError, or ValueError if the file is not an index.
    """
    document = json.loads(index.read_text())
    weight_map = document.get("weight_map") if isinstance(document, dict) else None
    if not isinstance(weight_map, dict) or not weight_map:
        raise ValueError(f"{index} has no weight_map")
    return [index.parent / Path(str(name)).name for name in sorted(set(weight_map.values()))]


def shapes(checkpoint: Path) -> dict[str, list[int]]:
    """Return names and shapes of the tensors of a safetensors file or of an index's shards.

    Raises OSError, or ValueError if it is not a safetensors file.
    """
    parts = shards_of(checkpoint) if checkpoint.name.endswith(INDEX_SUFFIX) else [checkpoint]
    return {name: list(tensor["shape"]) for part in parts for name, tensor in _header(part).items()}


def _header(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= LARGEST_HEADER:
            raise ValueError(f"{path} is not a safetensors file")
        header = json.loads(file.read(length))
    if not isinstance(header, dict) or not all(isinstance(entry, dict) for entry in header.values()):
        raise ValueError(f"{path} is not a safetensors file: its header must be a JSON object of objects")
    header.pop("__metadata__", None)
    return header
