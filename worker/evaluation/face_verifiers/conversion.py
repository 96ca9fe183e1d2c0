"""Finds a face recognition model in the archive of a package, and writes it as a verifier."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from worker.evaluation.splitting import several
from worker.evaluation.verifier_pair import FORMAT, on_references
from worker.evaluation.verifiers import Verifier
from worker.inversion.errors import UnusableModel

LARGEST = 64 * 2**20


@dataclass(frozen=True)
class Source:
    """A published model.

    Attributes:
        name: of the verifier.
        files: SHA-256 by file name, in the order of the arguments of `to_onnx`.
        package: where the files come from.
        terms: under which its makers publish it, and what it was trained on.
    """

    name: str
    files: dict[str, str]
    package: str
    architecture: str
    terms: str

    def to_onnx(self, *contents: bytes) -> bytes:
        """Return the ONNX file."""
        # These need a package of an extra, which is known to be installed by now.
        from worker.evaluation.face_verifiers import dlib_resnet, faceres

        converters: dict[str, Callable[..., bytes]] = {
            "face-dlib": dlib_resnet.to_onnx,
            "face-faceres": faceres.to_onnx,
        }
        return converters[self.name](*contents)


SOURCES = (
    Source(
        "face-dlib",
        {
            "dlib_face_recognition_resnet_model_v1.dat": (
                "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
            )
        },
        "face_recognition_models 0.3.0 from PyPI",
        "residual network of 29 convolutions (dlib)",
        "CC0 1.0. Trained by Davis King on about three million photographs of 7,485 people, of FaceScrub, the VGG "
        "face dataset and the web.",
    ),
    Source(
        "face-faceres",
        {
            "faceres.json": "5b83d49c0385d2e68a05122441b94226313677cae9fcc40b9587ad50079eb4df",
            "faceres.bin": "2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b",
        },
        "@vladmandic/human 3.3.6 from npm",
        "MobileNet (HSE FaceRes)",
        "Package MIT; the model comes from HSE_FaceRec_tf of Andrey Savchenko (Apache 2.0), trained on VGGFace2.",
    ),
)


def convert(path: Path, out: Path, *, references: tuple[np.ndarray, np.ndarray] | None = None) -> dict[str, Any]:
    """Write the model in a file or an archive as an ONNX file and a card, and measure it.

    Nothing in an archive is run or unpacked to disk.

    Args:
        path: a .tar.gz or .tgz archive of one of the packages of `SOURCES`, or a file of a model.
            Files that belong together lie in one folder.
        references: images (N, H, W, 3) and labels (N,) of the people to be audited.
    Raises: UnusableModel for a file that is not one of these models, byte for byte.
    """
    found = {name: content for name, content in _files(path).items() if content is not None}
    for source in SOURCES:
        if all(name in found for name in source.files):
            break
    else:
        expected = "; or ".join(f"{' and '.join(source.files)} ({source.package})" for source in SOURCES)
        raise UnusableModel(f"{path.name} does not hold a known face recognition model: {expected}")
    for name, digest in source.files.items():
        if hashlib.sha256(found[name]).hexdigest() != digest:
            raise UnusableModel(f"{name} is not the file of {source.package}: its SHA-256 differs")
    model = out / f"{source.name}.onnx"
    model.write_bytes(source.to_onnx(*(found[name] for name in source.files)))
    verifier = Verifier(model)
    card: dict[str, Any] = {
        "format": FORMAT,
        "name": source.name,
        "shape": list(verifier.shape),
        "architecture": source.architecture,
        "source": source.package,
        "terms": source.terms,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "weights": source.files,
        "blind": False,
    }
    if references is not None:
        card["references"] = on_references(verifier, *several(*references))
        card["blind"] = card["references"]["blind"]
    if card["blind"]:
        model.unlink()
    model.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n")
    return card


def _files(path: Path) -> dict[str, bytes | None]:
    """Return the content of each file of a model, or None, by its name."""
    names = [name for source in SOURCES for name in source.files]
    try:
        if not tarfile.is_tarfile(path):
            beside = {name: path.with_name(name) for name in names if path.name in names}
            return {name: file.read_bytes() if file.is_file() else None for name, file in beside.items()}
        found: dict[str, bytes | None] = {}
        with tarfile.open(path) as archive:
            for member in archive:
                name = member.name.rpartition("/")[2]
                if name in names and member.isfile() and member.size <= LARGEST:
                    file = archive.extractfile(member)
                    found[name] = file.read() if file else None
        return found
    except (OSError, EOFError, tarfile.TarError) as error:
        raise UnusableModel(f"{path.name} cannot be read: {error}") from error
