"""`exhume upload`: unfinished uploads and imports."""

from typing import Annotated, Any

import typer
from rich.filesize import decimal

from app.cli import lookup
from app.cli.arguments import ProjectOption, UploadArgument
from app.cli.connection import server
from app.cli.terminal import out

upload_app = typer.Typer()


@upload_app.command("list")
def list_uploads(
    every: Annotated[bool, typer.Option("--all", help="Include uploads that ended in the last week.")] = False,
    project: ProjectOption = None,
) -> None:
    """List unfinished uploads and imports, and when each expires."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/uploads"
        rows = [_row(one) for one in client.items(path, state=None if every else "receiving")]
        out.rows(rows, ("id", "for", "file", "state", "reason", "arrived", "expires"))


def _row(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one["id"],
        "for": one["release_id"] or one["dataset_id"] or one["verifier_id"],
        "file": one["address"] or one["filename"],
        "state": one["state"],
        "reason": (one["problem"] or {}).get("code"),
        "arrived": f"{decimal(one['received'])} of {decimal(one['length']) if one['length'] else '?'}",
        "expires": one["expires_at"][:16].replace("T", " ") if one["state"] == "receiving" else None,
    }


@upload_app.command("delete")
def delete_upload(upload: UploadArgument) -> None:
    """Delete an unfinished upload or import and the bytes received so far."""
    with server() as client:
        client.delete_upload(upload)
