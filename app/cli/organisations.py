"""`exhume org`: organisations, members and invitations."""

from typing import Annotated, Literal

import typer

from app.cli import lookup
from app.cli.arguments import JsonOption, OrganisationOption, SearchOption, SortOption, id_of
from app.cli.connection import server
from app.cli.terminal import err, out

org_app = typer.Typer()
RoleName = Literal["viewer", "auditor", "approver", "administrator"]
MemberArgument = Annotated[
    str, typer.Argument(help="Id of the member.", callback=id_of("mem", "a member", "exhume org members"))
]
InvitationArgument = Annotated[
    str, typer.Argument(help="Id of the invitation.", callback=id_of("inv", "an invitation", "exhume org invitations"))
]


@org_app.command("create")
def create(name: Annotated[str, typer.Argument(help="A name.")]) -> None:
    """Create an organisation and print its id. Only the operator can do this."""
    with server() as client:
        out.say(client.post("/organisations", {"name": name})["id"])


@org_app.command("list")
def list_organisations(search: SearchOption = None, sort: SortOption = None) -> None:
    """List the organisations that you can see."""
    with server() as client:
        out.rows(list(client.items("/organisations", q=search, sort=sort)), ("id", "name", "created_at"))


@org_app.command("members")
def list_members(
    organisation: OrganisationOption = None,
    search: SearchOption = None,
    sort: SortOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the members of an organisation, newest first."""
    with server() as client:
        found = list(
            client.items(f"/organisations/{lookup.organisation_id(client, organisation)}/members", q=search, sort=sort)
        )
    if as_json:
        out.json(found)
    else:
        out.rows(found, ("id", "email", "name", "role", "project_id", "second_factor", "disabled"))


@org_app.command("invite")
def invite(
    email: Annotated[str, typer.Argument(help="E-mail address of the person.")],
    role: Annotated[RoleName, typer.Option(help="Role of the new member.")],
    organisation: OrganisationOption = None,
    project: Annotated[str | None, typer.Option(help="Limit the membership to this project.")] = None,
    expires_days: Annotated[int, typer.Option(min=1, max=30, help="Days until the invitation expires.")] = 7,
) -> None:
    """Invite somebody and print the link. Send it to that person only."""
    with server() as client:
        body = {"email": email, "role": role, "expires_in_days": expires_days}
        if project is not None:
            body["project_id"] = lookup.project_id(client, project)
        made = client.post(f"/organisations/{lookup.organisation_id(client, organisation)}/invitations", body)
    if made.get("mailed"):
        err.say(f"It is also sent to {email}. `exhume org invitations` says whether the mail server accepted it.")
    out.say(made["link"])


@org_app.command("invitations")
def list_invitations(organisation: OrganisationOption = None) -> None:
    """List the invitations of an organisation, newest first."""
    with server() as client:
        found = list(client.items(f"/organisations/{lookup.organisation_id(client, organisation)}/invitations"))
    out.rows(found, ("id", "email", "role", "invited_by", "expires_at", "mailed_at", "accepted_at", "revoked_at"))
    for one in found:
        if one.get("mail_problem"):
            again = f" The next attempt is at {one['mail_next_at']}." if one.get("mail_next_at") else ""
            err.say(f"The invitation of {one['email']} was not sent by e-mail: {one['mail_problem']}{again}")


@org_app.command("withdraw")
def withdraw(invitation: InvitationArgument) -> None:
    """Withdraw an invitation."""
    with server() as client:
        client.delete(f"/invitations/{invitation}")


@org_app.command("role")
def change_role(member: MemberArgument, role: Annotated[RoleName, typer.Argument(help="The new role.")]) -> None:
    """Give a member another role."""
    with server() as client:
        made = client.patch(f"/members/{member}", {"role": role})
    out.say(f"{made['email']} is {made['role']} now.")


@org_app.command("remove")
def remove(member: MemberArgument) -> None:
    """End a membership, its sessions and its personal keys."""
    with server() as client:
        client.delete(f"/members/{member}")
