"""`exhume doctor`: problems of an installation and how to fix them."""

import os

import typer

from app.cli.arguments import JsonOption
from app.cli.health.finding import Finding, Level, fail
from app.cli.settings_errors import of_settings
from app.cli.terminal import out
from app.contract.exit_codes import Exit
from app.settings import Settings, settings

MARKS = {
    Level.OK: ("ok  ", "green"),
    Level.IDLE: ("-   ", "dim"),
    Level.WARN: ("warn", "yellow"),
    Level.FAIL: ("FAIL", "red"),
}


def examine(current: Settings) -> list[Finding]:
    """Return the findings of all checks, in the order of the checks."""
    from app.cli.health import machine, operations, remote, services
    from app.cli.stack.state import published

    running = published(current.data_dir) or {}
    return [
        machine.python(),
        machine.variables(),
        machine.binaries(current),
        machine.data_folder(current),
        machine.socket_path(current),
        machine.disk(current),
        machine.scratch(current),
        machine.processor(current),
        *machine.gpus(),
        machine.port(current),
        machine.dashboard(),
        operations.secret(current),
        operations.backup_tools(),
        operations.reports(),
        operations.metrics(current),
        operations.traces(),
        operations.private_store(current),
        *services.database(current.database_url or running.get("database_url")),
        services.broker(current.redis_url or running.get("redis_url")),
        services.store(current),
        services.imports(current),
        *remote.server(os.environ),
    ]


def doctor(as_json: JsonOption = False) -> None:
    """Check this installation and explain how to fix it.

    Exits with 1 if something does not work.
    """
    try:
        findings = examine(settings())
    except Exception as error:
        wrong = of_settings(error)
        if wrong is None:
            raise
        findings = [
            fail("settings", f"{name}: {what}", f"correct or unset {name} (see docs/settings.md)")
            for name, what in wrong
        ]
    if as_json:
        out.json([vars(finding) for finding in findings])
    else:
        for finding in findings:
            _show(finding)
    if any(finding.level == Level.FAIL for finding in findings):
        raise typer.Exit(Exit.GATE_FAILED)


def _show(finding: Finding) -> None:
    out.styled(MARKS[finding.level], f" {finding.subject:13} {finding.found}")
    if finding.fix and finding.level != Level.OK:
        out.say(f"{'':19}-> {finding.fix}")
