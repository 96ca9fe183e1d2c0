"""`exhume key`: API keys of machines and of people."""

from typing import Annotated

import typer

from app.auth.scopes import Scope
from app.cli import lookup
from app.cli.arguments import JsonOption, OrganisationOption, ProjectOption, SearchOption, SortOption, id_of
from app.cli.connection import server
from app.cli.terminal import err, out
from app.contract.exit_codes import Exit

key_app = typer.Typer()
KeyArgument = Annotated[str, typer.Argument(help="Id of the key.", callback=id_of("key", "a key", "exhume key list"))]
COLUMNS = ("id", "name", "whose", "last4", "created_by", "expires_at", "last_used_at", "revoked_at")


@key_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Name of the key. The audit log shows it as the actor.")],
    scope: Annotated[list[Scope], typer.Option(help="Scope of the key; can be repeated.")],
    project: ProjectOption = None,
    organisation: OrganisationOption = None,
    personal: Annotated[bool, typer.Option("--personal", help="Make a key of your own account.")] = False,
    expires_days: Annotated[
        int | None, typer.Option(help="Days until the key expires. Default: 90, or until your own key expires.", min=1)
    ] = None,
) -> None:
    """Create an API key and print it. It cannot be shown again.

    It is limited to a project unless you give --organisation or --personal.
    """
    if personal and organisation:
        err.say("Choose --personal or --organisation.")
        raise typer.Exit(Exit.USAGE)
    with server() as client:
        if personal:
            path = "/me/keys"
        elif organisation:
            path = f"/organisations/{lookup.organisation_id(client, organisation)}/keys"
        else:
            path = f"/projects/{lookup.project_id(client, project)}/keys"
        made = client.post(path, {"name": name, "scopes": scope, "expires_in_days": expires_days})
    out.say(made["key"])


@key_app.command("list")
def list_keys(
    organisation: OrganisationOption = None,
    every: Annotated[bool, typer.Option("--all", help="Include keys that are revoked.")] = False,
    search: SearchOption = None,
    sort: SortOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the keys of an organisation, newest first. The keys themselves are not shown."""
    with server() as client:
        path = f"/organisations/{lookup.organisation_id(client, organisation)}/keys"
        found = list(client.items(path, q=search, sort=sort, revoked=None if every else False))
    if as_json:
        out.json(found)
    else:
        out.rows(({**key, "whose": "person" if key["person_id"] else "machine"} for key in found), COLUMNS)


@key_app.command("revoke")
def revoke(key: KeyArgument) -> None:
    """Revoke a key, the keys that were made with it, and the sessions opened with them."""
    with server() as client:
        client.delete(f"/keys/{key}")
