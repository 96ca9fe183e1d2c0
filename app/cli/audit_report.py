"""`exhume audit report`: the document that somebody signs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.arguments import AuditArgument
from app.cli.connection import server
from app.cli.saving import save
from app.cli.terminal import err
from app.contract.report_formats import AuditReportFormat


def report(
    audit: AuditArgument,
    format: Annotated[
        AuditReportFormat,
        typer.Option(help="html: one file. pdf: tagged for screen readers. md: a section for a model card."),
    ] = "pdf",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write. Default: AUDIT.FORMAT in this folder.", dir_okay=False),
    ] = None,
    paper: Annotated[Literal["a4", "letter"], typer.Option(help="Size of printed pages.")] = "a4",
    names: Annotated[
        bool, typer.Option("--names", help="Show names of classes beside pseudonyms. Needs --purpose.")
    ] = False,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Show reconstructions of the most exposed. Needs --purpose.")
    ] = False,
    purpose: Annotated[
        str | None, typer.Option(help="What names or pictures are needed for. The audit log keeps it.")
    ] = None,
) -> None:
    """Write the report of a finished audit.

    Without --names and --pictures it shows people by pseudonym, and the audit log gets no entry.
    """
    with server() as client:
        asked = {"format": format, "paper": paper, "names": names, "pictures": pictures, "purpose": purpose or ""}
        content = client.download(f"/audits/{audit}/report", **asked)
    file = output or Path(f"{audit}.{format}")
    save(file, content, private=names or pictures)
    err.say(f"Wrote {file}.")
