"""The command: read, push, audit, wait, decide, write, exit."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from app.cli import lookup, running
from app.cli.connection import reporting, server
from app.cli.gate import auditing, outputs, policies, pushing
from app.cli.gate_file import GateFile, read_gate_file
from app.cli.gate_file.digest_line import with_digest
from app.cli.gate_file.mistakes import GateFileError
from app.cli.gate_file.reading import DEFAULT
from app.cli.terminal import err, out
from app.cli.waiting import print_rejection
from app.cli.watching import watch
from app.contract.decision import Decision
from app.contract.exit_codes import Exit, of_decision
from app.reports.place import Place
from exhume import Audit, Client, FileRejectedError, StillRunningError, sha256_of

STYLES = {"pass": "bold green", "warn": "bold yellow", "fail": "bold red"}


def gate(
    config: Annotated[Path, typer.Option("--config", "-c", help="Gate file. `exhume init` writes one.")] = Path(
        DEFAULT
    ),
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FORMAT=PATH",
            help="Write a report, to standard output if the path is -; can be repeated.",
        ),
    ] = None,
    project: Annotated[
        str | None, typer.Option("--project", "-p", help="Name or id of the project. Default: the gate file's.")
    ] = None,
    update_digest: Annotated[
        bool, typer.Option("--update-digest", help="Write the digest of the checkpoint to the gate file, and stop.")
    ] = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="Start a new audit, even if there is one of the same release, data and plan."),
    ] = False,
    wait: Annotated[bool, typer.Option(help="Wait for the audit. With --no-wait, a running one exits with 5.")] = True,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds to wait for the audit. It then continues; exits with 5.", min=0)
    ] = None,
    local: Annotated[
        bool, typer.Option("--local", help="Use no server: start one for this command, and delete it afterwards.")
    ] = False,
) -> None:
    """Audit the checkpoint of a gate file and decide whether it may be released.

    Sends what the server does not have, waits, decides by the policy, writes the reports, and
    prints the decision. Run it again to continue after a break.

    Exit codes: 0 pass or warn, 1 gate failed, 2 audit error, 3 inconclusive, 4 usage or
    permission, 5 still running.
    """
    with _mistakes():
        wanted = outputs.parsed(output or [])
        file = read_gate_file(config)
        if update_digest:
            _record_digest(file, local=local)
            raise typer.Exit(Exit.PASS)
        file.check_files()
        policies.check_possible(file)
        if local:
            file.check_local()
        reports = {name: file.beside(path) for name, path in file.manifest.outputs.items()} | wanted
        outputs.check_writable(reports)
        named = project or file.manifest.project or os.environ.get("EXHUME_PROJECT")
        with _client(local=local) as client:
            asked = _prepared(client, file, named, local=local)
            waiting = partial(_waited, client, wait=wait, timeout=timeout, local=local)
            audit, new = auditing.audit_of(client, asked.project, asked.request, again=again)
            decision = _decided(client, waiting(audit))
            if not new and auditing.is_stale(decision):
                err.say("The earlier verdict does not count any more.")
                audit, _ = auditing.audit_of(client, asked.project, asked.request, again=True)
                decision = _decided(client, waiting(audit))
            policies.check(decision, asked.policy)
        outputs.write(reports, decision, Place(path=_shown(config), line=file.digest_line))
        _print(decision, reports)
    raise typer.Exit(of_decision(decision))


@dataclass(frozen=True)
class Asked:
    """The request for the audit, with everything on the server that it names."""

    project: str
    policy: policies.Applied
    request: auditing.Request


def _prepared(client: Client, file: GateFile, named: str | None, *, local: bool) -> Asked:
    owner = lookup.project_id(client, named, create=True)
    target = lookup.target_id(client, owner, file.manifest.target, create=True)
    policy = policies.applied(client, file, owner, target, local=local)
    pushed = pushing.push(client, file, owner, target)
    request = auditing.request_of(client, owner, file.manifest, pushed, policy.policy.budgets.white_box)
    return Asked(owner, policy, request)


def _waited(client: Client, audit: Audit, *, wait: bool, timeout: float | None, local: bool) -> Audit:
    if audit.finished:
        return audit
    if not wait and not local:
        raise StillRunningError(f"Audit {audit.id} is {audit.state}. Run `exhume gate` again to wait for it.")
    try:
        return Audit.model_validate(watch(client, audit.id, timeout=timeout, continues=not local))
    except StillRunningError as late:
        ends = "It ends with this command." if local else "Run `exhume gate` again to wait for it."
        raise StillRunningError(f"{late} {ends}") from late


def _decided(client: Client, audit: Audit) -> Decision:
    if audit.state != "succeeded":
        running.print_state(err, audit.model_dump(mode="json"), list(client.items(f"/audits/{audit.id}/jobs")))
    return client.decision(audit.id)


def _print(decision: Decision, reports: dict[str, Path]) -> None:
    err.say(*(f"{name}: {path}" for name, path in reports.items() if path != outputs.STDOUT))
    console = err if outputs.STDOUT in reports.values() else out
    console.styled((decision.outcome.upper(), STYLES[decision.outcome]), f"  {decision.sentence}")
    if decision.next_step:
        console.say(f"Next: {decision.next_step}")


def _record_digest(file: GateFile, *, local: bool) -> None:
    if file.manifest.checkpoint.address is None:
        with pushing.local_checkpoint(file) as path:
            digest = sha256_of(path)
    else:
        raise GateFileError(
            [
                f"{file.path}: only the server reads {file.manifest.checkpoint.address}. Run `exhume gate` once; it "
                "prints the digest to write."
            ]
        )
    text = with_digest(file, pushing.PREFIX + digest)
    if text == file.text:
        out.say(f"{file.path} states the digest of the checkpoint already.")
        return
    outputs.replace(file.path, text.encode())
    out.say(f"Wrote {pushing.PREFIX}{digest} to {file.path}. Commit it with the checkpoint.")


@contextmanager
def _client(*, local: bool) -> Iterator[Client]:
    if local:
        from app.cli.gate.local import throw_away

        with throw_away() as client, reporting():
            yield client
    else:
        with server() as client:
            yield client


@contextmanager
def _mistakes() -> Iterator[None]:
    """Print what the user has to change, and end with its exit code."""
    try:
        yield
    except GateFileError as error:
        err.say(*error.lines)
        raise typer.Exit(Exit.USAGE) from error
    except outputs.OutputError as error:
        err.say(str(error))
        raise typer.Exit(Exit.USAGE) from error
    except FileRejectedError as rejection:
        print_rejection(rejection)
        raise typer.Exit(Exit.USAGE) from rejection
    except StillRunningError as late:
        err.say(str(late))
        raise typer.Exit(Exit.STILL_RUNNING) from late


def _shown(config: Path) -> str:
    """Return the path of the gate file as reports name it: relative to the working folder."""
    path = config.resolve()
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name
