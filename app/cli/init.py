"""`exhume init`: writes a gate file by asking, or from options alone."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from app.cli.gate import outputs
from app.cli.gate.policies import check_possible
from app.cli.gate.pushing import PREFIX
from app.cli.gate_file.manifest import OUTPUTS
from app.cli.gate_file.mistakes import GateFileError
from app.cli.gate_file.reading import DEFAULT, read_gate_file, schema_text
from app.cli.terminal import err, out
from app.contract.choices import Effort
from app.contract.exit_codes import Exit
from exhume import sha256_of

POLICY = ("policy:", "  budgets: {white_box: 0.05}", "  inconclusive: fail")
MINE = "We trained this model and may audit it with these images."


def init(
    config: Annotated[Path, typer.Option("--config", "-c", help="File to write.")] = Path(DEFAULT),
    target: Annotated[str | None, typer.Option(help="Name of the model, such as badge-reader.")] = None,
    checkpoint: Annotated[
        str | None, typer.Option(help="File of the checkpoint, or an address that the server fetches.")
    ] = None,
    description: Annotated[str | None, typer.Option(help="JSON or YAML file that describes the model.")] = None,
    public: Annotated[str | None, typer.Option(help="Public data set: a file, or a name on the server.")] = None,
    private: Annotated[str | None, typer.Option(help="Private data set: a file, or a name on the server.")] = None,
    policy: Annotated[str | None, typer.Option(help="Policy: a file, or a name on the server.")] = None,
    effort: Annotated[Effort, typer.Option(help="Effort of the attack.")] = "standard",
    declared_by: Annotated[
        str | None, typer.Option(help="Who declares the right to audit this model and these images.")
    ] = None,
    rights: Annotated[str | None, typer.Option(help="The declaration, in a sentence.")] = None,
    output: Annotated[
        list[str] | None,
        typer.Option("--output", "-o", metavar="FORMAT=PATH", help="Report to write; can be repeated."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of the file, and stop.")] = False,
) -> None:
    """Write a gate file, exhume.yaml.

    Asks for what the options leave open. Without a terminal, nothing is asked: give the options.
    """
    if schema:
        out.out(schema_text(), end="", highlight=False)
        return
    if config.exists() and not force:
        err.say(f"{config} exists. Use --force to replace it.")
        raise typer.Exit(Exit.USAGE)
    answers = _Answers()
    base = config.parent
    target = answers.get("--target", target, "Name of the model", "my-model")
    checkpoint = answers.get("--checkpoint", checkpoint, "File or address of the checkpoint", "model.safetensors")
    description = answers.get("--description", description, "File that describes the model", "model.json")
    public = answers.get("--public", public, "Public images (a file, or a name on the server)", "public.zip")
    private = answers.get(
        "--private", private, "Training images (a file, or a name on the server; empty for none)", "", optional=True
    )
    policy = answers.get(
        "--policy", policy, "Policy (a file, or a name on the server; empty for a budget of 5 %)", "", optional=True
    )
    declared_by = answers.get("--declared-by", declared_by, "Who declares the right to audit this model?", "")
    rights = answers.get("--rights", rights, "The declaration, in a sentence", MINE)
    answers.check()
    try:
        reports = outputs.parsed(output or [])
    except outputs.OutputError as error:
        err.say(str(error))
        raise typer.Exit(Exit.USAGE) from error
    lines = [
        "# Read by `exhume gate`. `exhume init --schema` prints its JSON Schema.",
        f"target: {_quoted(target)}",
        "checkpoint:",
        *_checkpoint(base, checkpoint),
        f"  description: {_quoted(description)}",
        "data:",
        f"  public: {_source(base, public)}",
        *([f"  private: {_source(base, private)}"] if private else []),
        "plan:",
        f"  effort: {effort}",
        *([f"policy: {_policy(base, policy)}"] if policy else POLICY),
        "rights:",
        f"  declared_by: {_quoted(declared_by)}",
        f"  statement: {_quoted(rights)}",
        *(["outputs:"] if reports else ["# outputs:  # " + ", ".join(OUTPUTS), "#   sarif: exhume.sarif"]),
        *(f"  {name}: {_quoted(str(path))}" for name, path in reports.items()),
    ]
    _write(config, "\n".join(lines) + "\n")


class _Answers:
    """Answers from options or from a person at a terminal."""

    def __init__(self) -> None:
        self.asks = sys.stdin.isatty()
        self.missing: list[str] = []

    def get(self, option: str, given: str | None, question: str, default: str, *, optional: bool = False) -> str:
        """Return an answer. Without a terminal, a required one that is not given is noted."""
        if given is not None:
            return given
        if self.asks:
            asked: Callable[..., str] = typer.prompt
            return asked(question, default=default or ("" if optional else None), show_default=bool(default), err=True)
        if not optional and option != "--rights":
            self.missing.append(option)
        return default

    def check(self) -> None:
        """End the command if an answer is missing."""
        if self.missing:
            err.say(f"There is no terminal to ask. Give {', '.join(self.missing)}.")
            raise typer.Exit(Exit.USAGE)


def _checkpoint(base: Path, checkpoint: str) -> list[str]:
    if "://" in checkpoint or checkpoint.startswith(("models:/", "runs:/")):
        return [f"  address: {_quoted(checkpoint)}"]
    path = base / checkpoint
    digest = [f"  digest: {PREFIX}{sha256_of(path)}"] if path.is_file() and path.suffix != ".json" else []
    return [f"  path: {_quoted(checkpoint)}", *digest]


def _source(base: Path, given: str) -> str:
    is_file = (base / given).is_file() or Path(given).suffix in {".zip", ".npz"}
    return f"{{file: {_quoted(given)}}}" if is_file else _quoted(given)


def _policy(base: Path, given: str) -> str:
    is_file = (base / given).is_file() or Path(given).suffix in {".json", ".yaml", ".yml"}
    return f"{{file: {_quoted(given)}}}" if is_file else _quoted(given)


def _quoted(text: str) -> str:
    """Return text as a scalar of YAML, in quotes unless it is a plain word or path."""
    plain = text and text.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum()
    return text if plain and text[0].isalpha() and text.lower() not in RESERVED else json.dumps(text)


RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def _write(config: Path, text: str) -> None:
    outputs.replace(config, text.encode())
    try:
        file = read_gate_file(config)
    except GateFileError as error:
        err.say(*error.lines)
        raise typer.Exit(Exit.USAGE) from error
    out.say(f"Wrote {config}.")
    try:
        file.check_files()
        check_possible(file)
    except GateFileError as error:
        err.say(*error.lines)
    out.say("Next: `exhume gate`, or `exhume gate --local` without a server.")
