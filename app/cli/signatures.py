"""Options of a signature that is sent with a checkpoint."""

from pathlib import Path
from typing import Annotated, Any

import typer

SignatureOption = Annotated[
    Path | None,
    typer.Option(help="Signature of the checkpoint by OpenSSF model signing.", exists=True, dir_okay=False),
]
SignerKeyOption = Annotated[
    Path | None, typer.Option(help="Public key of the signer in PEM.", exists=True, dir_okay=False)
]
SignerOption = Annotated[str | None, typer.Option(help="Who holds that key, as the release will show it.")]


def read_signature(bundle: Path | None, key: Path | None, signer: str | None) -> dict[str, str] | None:
    """Return the body of the request, or None without a signature."""
    if bundle is None and key is None and signer is None:
        return None
    if bundle is None or key is None or signer is None:
        raise typer.BadParameter("give all three of --signature, --signer-key and --signer, or none of them")
    try:
        return {"bundle": bundle.read_text(), "key": key.read_text(), "signer": signer}
    except UnicodeDecodeError as error:
        raise typer.BadParameter("--signature and --signer-key must be text files") from error


def signed_line(signature: dict[str, Any]) -> str:
    """Return the line that says who signed."""
    return f"Signed by {signature['signer']} with the key {signature['key_id']}."
