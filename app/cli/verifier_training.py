"""`exhume verifier train`: trains a pair of verifiers on public labelled images."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.terminal import err, out
from app.cli.training_process import run_training
from app.contract.exit_codes import Exit
from app.contract.shares import share


def _known(symmetries: int) -> int:
    if symmetries not in {1, 8}:
        raise typer.BadParameter("must be 1 or 8")
    return symmetries


def train(
    images: Annotated[
        Path,
        typer.Argument(help="Public labelled images: a zip file with one folder per person, or an .npz.", exists=True),
    ],
    references: Annotated[
        Path | None,
        typer.Option(help="Labelled images of the audited people, used only for measuring.", exists=True),
    ] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder for the ONNX files and their cards.")] = Path(
        "verifiers"
    ),
    name: Annotated[str, typer.Option(help="Start of the file names.")] = "verifier",
    steps: Annotated[int, typer.Option(help="Training steps of each verifier.", min=1)] = 1200,
    symmetries: Annotated[
        int,
        typer.Option(
            help="8 for characters, which become other characters when rotated or mirrored. 1 for everything else.",
            callback=_known,
        ),
    ] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the training.", min=0)] = 0,
) -> None:
    """Train two verifiers with different architectures and losses, and measure their accuracy.

    Exit codes: 0 both recognise people, 1 at least one is no better than guessing, 2 error,
    4 unusable images.
    """
    options = {"images": images, "out": folder, "name": name, "steps": steps, "symmetries": symmetries, "seed": seed}
    arguments = [text for option, value in options.items() for text in (f"--{option}", str(value))]
    arguments += ["--references", str(references)] if references else []
    ended = run_training("worker.verifier_commands.train", arguments, err, transient=True)
    last = ended.event
    if last.get("event") != "done":
        err.block(f"The training failed: {last.get('detail') or ended.output}")
        raise typer.Exit(Exit.USAGE if last.get("event") == "failed" else Exit.AUDIT_ERROR)
    blind = [card["name"] for card in last["cards"] if card["blind"]]
    for card in last["cards"]:
        outcome = f"{card['name']}: rejected" if card["blind"] else str(folder / f"{card['name']}.onnx")
        out.say(
            f"{outcome}  ranks the right person first for {share(card['rank1_held_out'])} of {card['probes']} images of"
            f" {card['people_held_out']} held-out people (guessing: {share(card['chance'])}){on_references(card)}"
        )
    raise typer.Exit(Exit.GATE_FAILED if blind else Exit.PASS)


def on_references(card: dict[str, Any]) -> str:
    """Return what a card says about the references, or an empty text."""
    if (seen := card.get("references")) is None:
        return ""
    guessing = share(seen["chance"])
    return f"; for {share(seen['rank1'])} of the references of {seen['people']} people (guessing: {guessing})"
