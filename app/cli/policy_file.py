"""A policy in a YAML or JSON file."""

from pathlib import Path

import typer
import yaml
from pydantic import ValidationError

from app.cli.terminal import err
from app.contract.exit_codes import Exit
from app.contract.policy import Policy


def read_policy(file: Path) -> Policy:
    """Return the policy of a file. Prints every mistake and exits if there is one."""
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        err.say(f"{file}{where}: not YAML or JSON: {getattr(error, 'problem', None) or error}.")
        raise typer.Exit(Exit.USAGE) from error
    if not isinstance(document, dict):
        err.say(f"{file}: a policy has fields such as `budgets: {{white_box: 0.05}}`.")
        raise typer.Exit(Exit.USAGE)
    try:
        return Policy.model_validate({"schema": "exhume.policy/1"} | document)
    except ValidationError as error:
        err.say(f"{file}: this is not a policy:", *(f"  - {_mistake(one)}" for one in error.errors()))
        raise typer.Exit(Exit.USAGE) from error


def _mistake(found: object) -> str:
    assert isinstance(found, dict)
    where = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        return f"{where}: there is no such field"
    return f"{where}: {str(found['msg'])[:1].lower()}{str(found['msg'])[1:]}"


def written(document: object) -> str:
    """Return a policy as YAML, which can be read again."""
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    return text
