"""`exhume audit compare`: two audits over the identities that both audited."""

from typing import Annotated, Any

import typer

from app.cli.arguments import AuditArgument, JsonOption, id_of
from app.cli.connection import server
from app.cli.terminal import out
from app.contract.shares import interval

SecondArgument = Annotated[
    str,
    typer.Argument(help="Id of the audit to compare with it.", callback=id_of("aud", "an audit", "exhume audit list")),
]


def compare(audit: AuditArgument, other: SecondArgument, as_json: JsonOption = False) -> None:
    """Compare a second audit with a first, over the identities that both audited.

    The 95 % interval of the difference is paired.
    """
    with server() as client:
        found = client.get(f"/audits/{audit}/comparison/{other}")
    if as_json:
        out.json(found)
    else:
        out.say(*lines(found))


def lines(found: dict[str, Any]) -> list[str]:
    """Return a comparison in words."""
    said = [found["sentence"], *(f"note: {note}" for note in found.get("notes") or [])]
    said += [f"  {order}: {_side(found[order])}" for order in ("first", "second")]
    for name, words in (("newly_exposed", "only the second"), ("no_longer_exposed", "only the first")):
        if found[name]:
            said.append(f"  recognised by {words}: {', '.join(one['name'] for one in found[name])}")
    return [*said, *(f"  {one['what']}: {one['first']} -> {one['second']}" for one in found["changes"])]


def _side(one: dict[str, Any]) -> str:
    risk = one["risk"]
    said = "not measured" if risk["value"] is None else interval(risk)
    return f"{one['target']} {one['version']}, {'; '.join(one['attacks'])}: {one['verdict']}, R {said}"
