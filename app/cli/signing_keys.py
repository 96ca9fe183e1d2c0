"""`exhume signing-key`: the keys with which the service signs decisions."""

from typing import Annotated

import typer

from app.cli.connection import server
from app.cli.terminal import out

signing_key_app = typer.Typer()


@signing_key_app.command("list")
def list_keys(
    pem: Annotated[
        bool, typer.Option("--pem", help="Print the public keys in PEM, for `exhume verify --key`.")
    ] = False,
) -> None:
    """List the public keys of the server, newest first."""
    with server() as client:
        rows = list(client.items("/signing-keys"))
    if pem:
        for row in rows:
            out.block(row["pem"])
        return
    out.rows(rows, ("id", "key_id", "created_at", "retired_at"))


@signing_key_app.command("rotate")
def rotate() -> None:
    """Make a new key and retire the one before. Only the operator can do this."""
    with server() as client:
        made = client.post("/signing-keys")
        out.say(f"{made['id']}  {made['key_id']}")
