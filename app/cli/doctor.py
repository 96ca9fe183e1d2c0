"""`exhume doctor`: what is wrong, and how to mend it."""

from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from app.cli.exit_codes import Exit
from app.cli.health.finding import Finding, Level, fail
from app.settings import Settings, settings

console = Console(highlight=False, soft_wrap=True)
MARKS = {
    Level.OK: "[green]ok  [/]",
    Level.IDLE: "[dim]-   [/]",
    Level.WARN: "[yellow]warn[/]",
    Level.FAIL: "[red]FAIL[/]",
}


def examine(current: Settings) -> list[Finding]:
    """All findings, in the order in which they matter."""
    from app.cli.health import machine, services
    from app.cli.stack.state import published

    running = published(current.data_dir) or {}
    return [
        machine.python(),
        machine.variables(),
        machine.binaries(current),
        machine.data_folder(current),
        machine.socket_path(current),
        machine.disk(current),
        machine.processor(current),
        machine.port(current),
        machine.dashboard(),
        *services.database(current.database_url or running.get("database_url")),
        services.broker(current.redis_url or running.get("redis_url")),
        services.store(current),
        services.imports(current),
    ]


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Check this installation; exit code 1 if something does not work."""
    try:
        findings = examine(settings())
    except ValidationError as error:
        findings = [_invalid(problem) for problem in error.errors()]
    if as_json:
        console.print_json(data=[vars(finding) for finding in findings])
    else:
        for finding in findings:
            _show(finding)
    if any(finding.level == Level.FAIL for finding in findings):
        raise typer.Exit(Exit.GATE_FAILED)


def _invalid(problem: object) -> Finding:
    details = dict(problem)  # type: ignore[call-overload]
    name = str(details["loc"][0]).upper()
    name = name if name in {"DATABASE_URL", "REDIS_URL"} or name.startswith("EXHUME_") else f"EXHUME_{name}"
    return fail("settings", f"{name}: {details['msg']}", f"correct or unset {name} (see docs/settings.md)")


def _show(finding: Finding) -> None:
    console.print(f"{MARKS[finding.level]} {finding.subject:13}", end=" ")
    console.print(finding.found, markup=False)
    if finding.mend and finding.level != Level.OK:
        console.print(f"{'':19}-> {finding.mend}", markup=False)
