"""The file that `exhume release upload` sends: one on the disk, packed, or with its last layer."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.terminal import err
from app.contract.exit_codes import Exit
from app.formats import local_files
from app.formats.refusal import Refused
from app.formats.second_file import Joined, Kind, joined

HeadOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--head",
        help="File with the last layer, if CHECKPOINT is a backbone without it (insightface). Give the option again"
        " for each further part of the classes, in their order.",
        exists=True,
        dir_okay=False,
    ),
]
HeadKindOption = Annotated[
    Kind | None,
    typer.Option(
        help="cosine: trained with ArcFace, CosFace or the like. linear: an ordinary layer. Default: linear if the"
        " file has biases, and cosine if not."
    ),
]
HeadScaleOption = Annotated[
    float | None, typer.Option(help="Factor of the cosines in training. Default: 64.", min=1, max=1000)
]


@dataclass(frozen=True)
class Head:
    """The options of the last layer."""

    files: Sequence[Path] | None
    kind: Kind | None
    scale: float | None


@contextmanager
def file_to_send(checkpoint: Path, head: Head) -> Iterator[Joined]:
    """Yield the file to upload. Ends the command if it cannot be made."""
    if not head.files and (head.kind is not None or head.scale is not None):
        raise typer.BadParameter("--head-kind and --head-scale are for a last layer in a file of its own (--head)")
    with ExitStack() as stack:
        try:
            if head.files:
                sent = stack.enter_context(joined(checkpoint, head.files, head.kind, head.scale))
            else:
                sent = Joined(stack.enter_context(local_files.one_file(checkpoint)))
        except (OSError, ValueError, Refused) as error:
            why = error.detail if isinstance(error, Refused) else error
            err.say(f"Cannot pack {checkpoint}: {why}")
            raise typer.Exit(Exit.USAGE) from error
        yield sent


def with_architecture(body: dict[str, Any], sent: Joined) -> dict[str, Any]:
    """Return a description with the architecture of a joined file, unless it names another."""
    if not sent.architecture or body.get("architecture", "auto") not in ("auto", sent.architecture["architecture"]):
        return body
    given = body.get("hyperparameters") or {}
    return body | sent.architecture | {"hyperparameters": sent.architecture["hyperparameters"] | given}
