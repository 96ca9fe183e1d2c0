"""`exhume verifier train`: trains a pair of verifiers on public images."""

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
        typer.Argument(
            help="Public images: a zip file with one folder per person, or an .npz. Images without names go into one"
            " folder.",
            exists=True,
        ),
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
    without_names: Annotated[
        bool, typer.Option("--without-names", help="Ignore who is in which image, for sets with few people.")
    ] = False,
) -> None:
    """Train two verifiers with different architectures and losses, and measure their accuracy.

    Exit codes: 0 both recognise people, 1 at least one is no better than guessing, 2 error,
    4 unusable images.
    """
    options = {"images": images, "out": folder, "name": name, "steps": steps, "symmetries": symmetries, "seed": seed}
    arguments = [text for option, value in options.items() for text in (f"--{option}", str(value))]
    arguments += ["--references", str(references)] if references else []
    arguments += ["--without-names"] if without_names else []
    ended = run_training("worker.verifier_commands.train", arguments, err, transient=True)
    last = ended.event
    if last.get("event") != "done":
        err.block(f"The training failed: {ended.why}")
        raise typer.Exit(Exit.USAGE if last.get("event") == "failed" else Exit.AUDIT_ERROR)
    blind = [card["name"] for card in last["cards"] if card["blind"]]
    for card in last["cards"]:
        outcome = f"{card['name']}: rejected" if card["blind"] else str(folder / f"{card['name']}.onnx")
        out.say(f"{outcome}  {on_held_out(card)}{on_references(card)}")
    raise typer.Exit(Exit.GATE_FAILED if blind else Exit.PASS)


def on_held_out(card: dict[str, Any]) -> str:
    """Return what a card says about the images that it was not trained on."""
    right, guessing = share(card["rank1_held_out"]), share(card["chance"])
    if card["names"]:
        people = f"{card['people_held_out']} held-out people"
        of = f"the right person first for {right} of {card['probes']} images of {people}"
    else:
        of = f"the right image first for {right} of {card['probes']} views of {card['images_held_out']} held-out images"
    return f"ranks {of} (guessing: {guessing}), {_accuracy(card['sensitivity_held_out'], card['specificity_held_out'])}"


def on_references(card: dict[str, Any]) -> str:
    """Return what a card says about the references, or an empty text."""
    if (seen := card.get("references")) is None:
        return ""
    guessing, accuracy = share(seen["chance"]), _accuracy(seen["sensitivity"], seen["specificity"])
    people = f"the references of {seen['people']} people"
    return f"; for {share(seen['rank1'])} of {people} (guessing: {guessing}), {accuracy}"


def _accuracy(sensitivity: float, specificity: float) -> str:
    return f"sensitivity {share(sensitivity)}, specificity {share(specificity)}"
