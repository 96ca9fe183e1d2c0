"""`exhume person`: accounts and signed-in browsers."""

from typing import Annotated, Any

import typer

from app.cli import lookup
from app.cli.arguments import JsonOption, SearchOption, SortOption, id_of
from app.cli.connection import server
from app.cli.terminal import out
from exhume import Client

person_app = typer.Typer()
PersonArgument = Annotated[str, typer.Argument(help="E-mail address or id of the person.")]
SessionArgument = Annotated[
    str, typer.Argument(help="Id of the session.", callback=id_of("ses", "a session", "exhume person sessions"))
]


def _person(client: Client, name: str) -> dict[str, Any]:
    for one in client.items("/people"):
        if name.lower() in {one["id"], one["email"]}:
            return one
    lookup.stop(f"There is no account {name!r}.")


@person_app.command("list")
def list_people(search: SearchOption = None, sort: SortOption = None, as_json: JsonOption = False) -> None:
    """List all accounts, newest first. Only the operator can do this."""
    with server() as client:
        found = list(client.items("/people", q=search, sort=sort))
    if as_json:
        out.json(found)
    else:
        out.rows(found, ("id", "email", "name", "second_factor", "single_sign_on", "disabled"))


@person_app.command("recover")
def recover(person: PersonArgument) -> None:
    """Print a sign-in link for somebody who lost their password or second factor.

    Both end, and so do all sessions. Only the operator can do this.
    """
    with server() as client:
        made = client.post(f"/people/{_person(client, person)['id']}/recovery")
    out.say(made["link"])


@person_app.command("disable")
def disable(person: PersonArgument) -> None:
    """Disable an account, its sessions and its keys. Only the operator can do this."""
    with server() as client:
        client.post(f"/people/{_person(client, person)['id']}/disable")


@person_app.command("enable")
def enable(person: PersonArgument) -> None:
    """Enable a disabled account. Its old keys stay revoked. Only the operator can do this."""
    with server() as client:
        client.post(f"/people/{_person(client, person)['id']}/enable")


@person_app.command("sessions")
def list_sessions(
    everybody: Annotated[bool, typer.Option("--everybody", help="All sessions of the organisation.")] = False,
) -> None:
    """List signed-in browsers, newest first."""
    with server() as client:
        found = list(client.items("/sessions", everybody=everybody))
    out.rows(found, ("id", "subject", "method", "address", "created_at", "expires_at"))


@person_app.command("sign-out")
def sign_out(session: SessionArgument) -> None:
    """End a session."""
    with server() as client:
        client.delete(f"/sessions/{session}")
