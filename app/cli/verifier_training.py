"""`exhume verifier train`: a pair of verifiers from public labelled images, in a process of its own."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import render
from app.cli.connection import errors
from app.cli.exit_codes import Exit
from app.cli.training_process import run_training

console = render.console()


def _known(symmetries: int) -> int:
    if symmetries not in {1, 8}:
        raise typer.BadParameter("1 or 8")
    return symmetries


def train(
    images: Annotated[
        Path, typer.Argument(help="Public labelled set: a zip with a folder per person, or an .npz.", exists=True)
    ],
    references: Annotated[
        Path | None,
        typer.Option(help="Labelled images of the audited people: measured on, not trained on.", exists=True),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the ONNX files and their cards.")] = Path("verifiers"),
    name: Annotated[str, typer.Option(help="The files begin with it.")] = "verifier",
    steps: Annotated[int, typer.Option(help="Training steps of each.", min=1)] = 1200,
    symmetries: Annotated[
        int,
        typer.Option(help="8 for characters, which orientation tells apart; 1 for everything else.", callback=_known),
    ] = 1,
    seed: int = 0,
) -> None:
    """Train two verifiers of different architecture and loss, and measure them on people held out and on references.

    Refuses (exit code 1) those that do no better than guessing: they are blind to images of this kind.
    """
    options = {"images": images, "out": out, "name": name, "steps": steps, "symmetries": symmetries, "seed": seed}
    arguments = [text for option, value in options.items() for text in (f"--{option}", str(value))]
    arguments += ["--references", str(references)] if references else []
    ended = run_training("worker.train_verifiers", arguments, errors, transient=True)
    last = ended.event
    if last.get("event") != "done":
        errors.print(f"the training failed: {last.get('detail') or ended.output}", highlight=False, markup=False)
        raise typer.Exit(Exit.USAGE if last.get("event") == "failed" else Exit.AUDIT_ERROR)
    blind = [card["name"] for card in last["cards"] if card["blind"]]
    for card in last["cards"]:
        said = "refused: blind" if card["blind"] else str(out / f"{card['name']}.onnx")
        console.print(
            f"{said}  rank 1 for {card['rank1_held_out']:.1%} of {card['probes']} images of"
            f" {card['people_held_out']} held-out people (guessing: {card['chance']:.1%}){_on_references(card)}",
            highlight=False,
        )
    raise typer.Exit(Exit.GATE_FAILED if blind else Exit.PASS)


def _on_references(card: dict[str, Any]) -> str:
    if (seen := card.get("references")) is None:
        return ""
    return f"; for {seen['rank1']:.1%} of the references of {seen['people']} people (guessing: {seen['chance']:.1%})"
