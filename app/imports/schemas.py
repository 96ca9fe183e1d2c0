"""Documents of imports. Their progress is that of an upload."""

from typing import Annotated

from pydantic import Field

from app.imports.addresses import LONGEST
from app.kit.schema import Body


class ImportCreate(Body):
    """An address to fetch a file from.

    The revision must be pinned. Credentials are settings of the service.
    """

    address: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST,
            examples=["hf://timm/resnet18.a1_in1k@491b427b45c94c7fb0e78b5474cc919aff584bbf/model.safetensors"],
            description="`https://`, `s3://bucket/key`, `hf://owner/name@commit/file`, `models:/name/version/file` or "
            "`runs:/id/file`.",
        ),
    ]
    sha256: Annotated[
        str | None,
        Field(
            pattern="^[0-9a-fA-F]{64}$", description="SHA-256 of the file in hex; compared with the downloaded file."
        ),
    ] = None
