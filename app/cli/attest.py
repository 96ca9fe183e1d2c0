"""`exhume attest`: a signed decision, to keep beside a checkpoint."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.arguments import AuditArgument
from app.cli.connection import server
from app.cli.saving import save
from app.cli.terminal import err


def attest(
    audit: AuditArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.", dir_okay=False)],
    predicate: Annotated[
        Literal["attestation", "test-result"],
        typer.Option(help="attestation: the whole decision. test-result: its result alone."),
    ] = "attestation",
) -> None:
    """Write the current decision about an audit, signed by the server.

    `exhume verify` checks it against the checkpoint.
    """
    with server() as client:
        signed = client.download(f"/audits/{audit}/attestation", predicate=predicate)
    save(output, signed)
    err.say(f"Wrote {output}. `exhume verify {output} CHECKPOINT` verifies it.")
