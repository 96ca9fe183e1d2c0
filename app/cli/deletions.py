"""`exhume ... delete` and `exhume receipt`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import lookup
from app.cli.arguments import (
    AuditArgument,
    DatasetArgument,
    ProjectOption,
    ReleaseArgument,
    SearchOption,
    SortOption,
    id_of,
)
from app.cli.connection import server
from app.cli.terminal import err, out
from app.contract.exit_codes import Exit
from exhume import Client

receipt_app = typer.Typer()

VerifierArgument = Annotated[str, typer.Argument(help="Name or id of the verifier.")]
PriorArgument = Annotated[
    str,
    typer.Argument(metavar="PRIOR", help="Id of the prior.", callback=id_of("pri", "a prior", "exhume prior list")),
]
ReceiptArgument = Annotated[
    str,
    typer.Argument(
        metavar="RECEIPT", help="Id of the receipt.", callback=id_of("rcp", "a receipt", "exhume receipt list")
    ),
]
ReasonOption = Annotated[str | None, typer.Option("--reason", help="Why it is deleted. The receipt keeps it.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Delete without asking.")]
PreviewOption = Annotated[bool, typer.Option("--preview", help="Print what would be deleted, and delete nothing.")]


def delete_dataset(
    dataset: DatasetArgument,
    reason: ReasonOption = None,
    yes: YesOption = False,
    preview: PreviewOption = False,
    project: ProjectOption = None,
) -> None:
    """Delete a data set and the files made from it.

    With a private data set, the pictures of the audits that used it are deleted too.
    """
    _delete(lambda client: f"/datasets/{lookup.dataset_id(client, project, dataset)}", reason, yes=yes, preview=preview)


def delete_release(
    release: ReleaseArgument,
    reason: ReasonOption = None,
    yes: YesOption = False,
    preview: PreviewOption = False,
    project: ProjectOption = None,
) -> None:
    """Delete a release, files made from it, and the pictures of its audits."""
    _delete(lambda client: f"/releases/{lookup.release_id(client, project, release)}", reason, yes=yes, preview=preview)


def delete_verifier(
    verifier: VerifierArgument,
    reason: ReasonOption = None,
    yes: YesOption = False,
    preview: PreviewOption = False,
    project: ProjectOption = None,
) -> None:
    """Delete a verifier and the embeddings that it made."""
    _delete(
        lambda client: f"/verifiers/{lookup.verifier_id(client, project, verifier)}", reason, yes=yes, preview=preview
    )


def delete_prior(
    prior: PriorArgument, reason: ReasonOption = None, yes: YesOption = False, preview: PreviewOption = False
) -> None:
    """Delete a prior and its samples. An audit that needs it makes it again."""
    _delete(lambda _: f"/priors/{prior}", reason, yes=yes, preview=preview)


def delete_audit(
    audit: AuditArgument, reason: ReasonOption = None, yes: YesOption = False, preview: PreviewOption = False
) -> None:
    """Delete the pictures of an audit. Its result stays."""
    _delete(lambda _: f"/audits/{audit}", reason, yes=yes, preview=preview)


def delete_project(
    project: Annotated[str, typer.Argument(help="Name or id of the project.")],
    reason: ReasonOption = None,
    yes: YesOption = False,
    preview: PreviewOption = False,
) -> None:
    """Delete a project with everything in it. Its audit log and receipts stay."""
    _delete(lambda client: f"/projects/{lookup.project_id(client, project)}", reason, yes=yes, preview=preview)


def _delete(address: Callable[[Client], str], reason: str | None, *, yes: bool, preview: bool) -> None:
    if reason is None and not preview:
        err.say("State with --reason why it is deleted.")
        raise typer.Exit(Exit.USAGE)
    with server() as client:
        path = address(client)
        found = client.get(f"{path}/deletion")
        err.say(*_lines(found))
        if preview:
            raise typer.Exit(Exit.PASS if found["possible"] else Exit.GATE_FAILED)
        if not yes:
            typer.confirm("Delete this for good?", abort=True, err=True)
        receipt = client.delete(path, reason=reason, confirm=found["confirmation"])
    out.say(receipt["id"])


def _lines(preview: dict[str, Any]) -> list[str]:
    destroys = preview["destroys"]
    counts = (
        (len(destroys["objects"]), "objects of the store"),
        (destroys["artifacts"], "files that stages made"),
        (destroys["pictures"], f"pictures of {len(destroys['pictures_of'])} audits"),
        (destroys["unfinished_uploads"], "unfinished uploads"),
    )
    lines = [f"{preview['kind']} {preview['name']} ({preview['subject']})"]
    return lines + [f"  deletes {count} {what}" for count, what in counts if count] + blocks(preview)


def blocks(preview: dict[str, Any]) -> list[str]:
    """Return what a preview keeps, and what stands in its way."""
    lines = [f"  keeps: {one}" for one in preview["keeps"]]
    lines += [f"  not possible: audit {one} has not ended" for one in preview["running_audits"]]
    return lines + [f"  not possible: legal hold on {one}" for one in preview["holds"]]


@receipt_app.command("list")
def list_receipts(project: ProjectOption = None, search: SearchOption = None, sort: SortOption = None) -> None:
    """List the receipts of a project, newest first."""
    with server() as client:
        rows = list(client.items(f"/projects/{lookup.project_id(client, project)}/receipts", q=search, sort=sort))
    rows = [row | {"reason": row["document"]["reason"], "by": row["document"]["deleted_by"]} for row in rows]
    out.rows(rows, ("id", "kind", "subject", "by", "reason", "created_at", "removed_at"))


@receipt_app.command("show")
def show_receipt(receipt: ReceiptArgument) -> None:
    """Print a receipt as JSON: what was deleted, by whom and why."""
    with server() as client:
        out.json(client.get(f"/receipts/{receipt}"))


@receipt_app.command("save")
def save_receipt(
    receipt: ReceiptArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.", dir_okay=False)],
) -> None:
    """Write a receipt, signed by the server."""
    with server() as client:
        output.write_bytes(client.download(f"/receipts/{receipt}/attestation"))
