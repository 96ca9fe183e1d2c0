"""An object received in pieces in S3: a multipart upload that survives the process that began it.

All parts have one size. When a connection ends, the bytes that do not fill a part are kept as a
small object. Its name contains its size, so an object that an older row refers to is never
overwritten.
"""

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from app.errors import UnavailableError
from app.storage.incoming import State

if TYPE_CHECKING:
    from collections.abc import Iterator

PART_BYTES = 8 * 1024 * 1024  # S3 requires parts of at least 5 MiB and at most 10,000 parts


def client() -> Any:
    """Return an S3 client configured by the `AWS_` variables, like the rest of the store."""
    import botocore.session  # 30 MB that a local folder does not need
    from botocore.config import Config

    environment = os.environ
    address = next(
        (environment[n] for n in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT") if n in environment), None
    )
    config = Config(
        s3={"addressing_style": "path" if address else "auto"},
        retries={"mode": "standard", "max_attempts": 3},
        # older S3-compatible stores do not support trailers
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
    return botocore.session.get_session().create_client("s3", region_name=region, endpoint_url=address, config=config)


class IncomingMultipart:
    """A multipart upload.

    `state` holds its id, the tags of its parts and the key of the bytes that do not fill a part.
    """

    def __init__(self, s3: Any, bucket: str, key: str, offset: int, state: State) -> None:
        self._s3, self._place = s3, {"Bucket": bucket, "Key": key}
        self._upload_id: str | None = state.get("upload_id")
        self._tags: list[str] = list(state.get("tags", ()))
        self._kept = (offset, state)
        self._pending = bytearray()
        rest = state.get("rest")
        if rest is not None:
            with _answered():
                self._pending += s3.get_object(Bucket=bucket, Key=rest)["Body"].read()

    def write(self, data: memoryview) -> None:
        """Collect a part and send it when it is full and more data follows."""
        while data:
            if len(self._pending) == PART_BYTES:
                self._send_part()
                self._kept = (len(self._tags) * PART_BYTES, self._state())
            count = min(len(data), PART_BYTES - len(self._pending))
            self._pending += data[:count]
            data = data[count:]

    def kept(self) -> tuple[int, State]:
        """Return the size and state of the sent parts, after `close` with the remaining bytes."""
        return self._kept

    def close(self) -> None:
        """Keep the bytes that do not fill a part."""
        size = len(self._tags) * PART_BYTES + len(self._pending)
        if size == self._kept[0]:
            return
        rest = f"{self._place['Key']}.rest.{size}"
        with _answered():
            self._s3.put_object(Bucket=self._place["Bucket"], Key=rest, Body=bytes(self._pending))
        self._kept = (size, self._state() | {"rest": rest})

    def complete(self) -> None:
        """Join the parts. A file smaller than one part is stored in one request."""
        if self._upload_id is None:
            with _answered():
                self._s3.put_object(**self._place, Body=bytes(self._pending))
        else:
            if self._pending:
                self._send_part()
            parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(self._tags, 1)]
            with _answered():
                self._s3.complete_multipart_upload(
                    **self._place, UploadId=self._upload_id, MultipartUpload={"Parts": parts}
                )
        self._remove_rests()

    def abort(self) -> None:
        """Delete the parts and the remaining bytes."""
        from botocore.exceptions import ClientError

        if self._upload_id is not None:
            try:
                self._s3.abort_multipart_upload(**self._place, UploadId=self._upload_id)
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchUpload":
                    raise
        self._remove_rests()

    def _send_part(self) -> None:
        with _answered():
            if self._upload_id is None:
                self._upload_id = self._s3.create_multipart_upload(**self._place)["UploadId"]
            number = len(self._tags) + 1
            sent = self._s3.upload_part(
                **self._place, UploadId=self._upload_id, PartNumber=number, Body=bytes(self._pending)
            )
        self._tags.append(sent["ETag"])
        self._pending.clear()

    def _state(self) -> State:
        return {"upload_id": self._upload_id, "tags": list(self._tags)}

    def _remove_rests(self) -> None:
        prefix = f"{self._place['Key']}.rest."
        with _answered():
            found = self._s3.list_objects_v2(Bucket=self._place["Bucket"], Prefix=prefix).get("Contents", [])
            for one in found:
                self._s3.delete_object(Bucket=self._place["Bucket"], Key=one["Key"])


@contextmanager
def _answered() -> "Iterator[None]":
    """Report an S3 error as a temporary problem."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        detail = f"The object store failed ({error}). Try again in a moment. If it persists, run `exhume doctor`."
        raise UnavailableError("store_unavailable", detail, headers={"Retry-After": "5"}) from error
