"""`exhume prior`: the priors that audits made and keep."""

import typer

from app.cli import lookup
from app.cli.arguments import ProjectOption, SearchOption, SortOption
from app.cli.connection import server
from app.cli.terminal import out

prior_app = typer.Typer()


@prior_app.command("list")
def list_priors(project: ProjectOption = None, search: SearchOption = None, sort: SortOption = None) -> None:
    """List the priors that audits of a project made. Later audits reuse them."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/priors"
        rows = [
            {
                **{name: one[name] for name in ("id", "kind", "images", "size_bytes")},
                "made from": ", ".join(found["name"] for found in one["public_datasets"]),
                "audits": one["audit_count"],
                "sha256": one["sha256"][:16],
            }
            for one in client.items(path, q=search, sort=sort)
        ]
        out.rows(rows, ("id", "kind", "made from", "images", "size_bytes", "audits", "sha256"))
