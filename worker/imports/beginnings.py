"""Checks of the first bytes of a file. A download that fails its check is aborted."""

from collections.abc import Callable

from app.errors import ProblemError, UnprocessableError
from app.uploads.owners import DATASET, RELEASE, VERIFIER, OwnerKind

HEAD_BYTES = 9
"""The least number of bytes passed to a check, unless the file is shorter."""
LARGEST_HEADER = 16 * 1024 * 1024

Check = Callable[[bytes], None]


def check_safetensors(head: bytes) -> None:
    """Raise `UnprocessableError` unless these can be the first bytes of a safetensors file.

    They are the length of the header and the start of a JSON object.
    """
    length = int.from_bytes(head[:8], "little")
    if len(head) < HEAD_BYTES or not 2 <= length <= LARGEST_HEADER or head[8:9] != b"{":
        raise _other(head, "a safetensors file")


def check_images(head: bytes) -> None:
    """Raise `UnprocessableError` unless a ZIP archive (such as an .npz) can begin like this."""
    if head[:4] != b"PK\x03\x04":
        raise _other(head, "a ZIP or .npz archive of images")


def check_onnx(head: bytes) -> None:
    """Raise `UnprocessableError` unless these can be the first bytes of an ONNX model.

    They are its version number and the tag of another field.
    """
    if len(head) < HEAD_BYTES or head[0] != 0x08 or not 1 <= head[1] < 0x80 or head[2] & 7 not in {0, 2}:
        raise _other(head, "an ONNX model")


CHECKS: dict[OwnerKind, Check] = {RELEASE: check_safetensors, DATASET: check_images, VERIFIER: check_onnx}


def _other(head: bytes, wanted: str) -> ProblemError:
    start = head[:64].lstrip().lower()
    seen = (
        "a web page, perhaps to sign in" if start.startswith((b"<!doctype", b"<html", b"<?xml")) else "something else"
    )
    return UnprocessableError("import_file_type", f"This is not {wanted}. The server sent {seen}. Nothing was kept.")
