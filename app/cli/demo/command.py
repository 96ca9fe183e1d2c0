"""The demo, step by step: stack, target, upload, audit, table; the last line printed is one for machines."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from app.audits.plan import sample
from app.cli import lookup, waiting
from app.cli.connection import describe
from app.cli.demo.comparison import SETTINGS, comparison
from app.cli.demo.stack import StackError, running_stack
from app.cli.demo.training import TrainingError, train_target
from app.cli.exit_codes import Exit
from app.cli.render import machine_line, print_result
from app.client import ApiError, Client, UnreachableError
from app.client.http import sha256_of
from app.settings import settings

console = Console()
PROJECT, TARGET = "demo", "omniglot-reader"
CHARACTERS = 90
TWIN_OF = 8  # of the attacked characters, which the twin has never seen
RIGHTS = {
    "declared_by": "exhume demo",
    "statement": "The demo's model was trained a moment ago, on the Omniglot characters shipped with Exhume (MIT).",
}


class DemoError(Exception):
    """The demo ended before a verdict."""


def demo(
    compare: Annotated[bool, typer.Option("--compare", help="Audit with all four settings, side by side.")] = False,
    identities: Annotated[int, typer.Option(min=1, max=90, help="How many of the 90 characters to attack.")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training and of the attack.")] = 0,
    effort: Annotated[str, typer.Option(help="quick, standard or deep.")] = "standard",
) -> None:
    """Train a small model, audit it like any other, and print what can be dug out of it."""
    begun = time.monotonic()
    try:
        with running_stack() as client:
            lines = _run(client, SETTINGS if compare else ("lomma",), identities, seed, effort)
            console.print(f"the whole demo took {time.monotonic() - begun:.0f} s", highlight=False)
            console.print("look at it again: `exhume up` prints a sign-in link", highlight=False)
            for line in lines:
                typer.echo(line)
    except ApiError as error:
        console.print(f"{error.code} ({error.status}): {error.detail}", highlight=False, markup=False)
        for single in error.errors:
            console.print(f"  - {describe(single)}", highlight=False, markup=False)
        raise typer.Exit(Exit.AUDIT_ERROR) from error
    except (StackError, TrainingError, DemoError, UnreachableError, waiting.IntakeRefusedError, TimeoutError) as error:
        console.print(str(error), highlight=False, markup=False)
        raise typer.Exit(Exit.AUDIT_ERROR) from error


def _run(client: Client, chosen: tuple[str, ...], identities: int, seed: int, effort: str) -> list[str]:
    console.print("[bold]1.[/] train a small classifier of 90 handwritten characters (the private images)")
    folder = settings().data_dir / "demo" / f"seed-{seed}"
    without = sample(list(range(CHARACTERS)), identities, seed)[:TWIN_OF]
    trained = train_target(console, folder, seed, without)
    console.print(f"  accuracy on held-out drawings: {100 * trained['held_out_accuracy']:.1f} %", highlight=False)
    console.print(
        f"  and a twin that never saw {len(without)} of the characters: "
        f"{100 * trained['twin_held_out_accuracy']:.1f} % on the others",
        highlight=False,
    )

    console.print("[bold]2.[/] upload checkpoint and image sets through the REST API")
    project = lookup.project_id(client, PROJECT, create=True)
    release = _release(client, project, folder)
    twin = _twin(client, project, folder, release)
    public = _dataset(client, project, folder / "public.npz", "public")
    private = _dataset(client, project, folder / "private.npz", "private")

    console.print("[bold]3.[/] attack it, freeze what came out, then open the references and judge")
    results: dict[str, tuple[dict[str, Any], float]] = {}
    for setting in chosen:
        request = {
            "release_id": release,
            "public_dataset_id": public,
            "private_dataset_id": private,
            "twin_release_id": twin,
            "setting": setting,
            "identities": identities,
            "seed": seed,
            "effort": effort,
            "rights": RIGHTS,
        }
        results[setting] = _audit(client, project, request)
    if len(results) > 1:
        console.print(comparison(results))
    prefix = {setting: f"setting={setting} " if len(results) > 1 else "" for setting in results}
    return [prefix[setting] + machine_line(result, seconds) for setting, (result, seconds) in results.items()]


def _audit(client: Client, project: str, request: dict[str, Any]) -> tuple[dict[str, Any], float]:
    begun = time.monotonic()
    audit = client.post(f"/projects/{project}/audits", request)
    console.print(f"  {request['setting']}: {client.url}/audits/{audit['id']}", highlight=False)
    audit = waiting.watch(client, console, audit["id"])
    seconds = time.monotonic() - begun
    if audit["state"] != "succeeded":
        problem = audit.get("problem") or {}
        raise DemoError(f"the audit {audit['state']}: {problem.get('code')}: {problem.get('detail')}")
    result = client.get(f"/audits/{audit['id']}/result")
    print_result(console, result)
    console.print(f"  the audit took {seconds:.0f} s", highlight=False)
    return result, seconds


def _release(client: Client, project: str, folder: Path) -> str:
    description = json.loads((folder / "release.json").read_text())
    return _checkpoint(client, project, folder / "model.safetensors", description, {})


def _twin(client: Client, project: str, folder: Path, release: str) -> str:
    description = json.loads((folder / "release.json").read_text())
    replaced = json.loads((folder / "twin.json").read_text())["replaced"]
    more = {"twin_of": release, "replaced": replaced}
    return _checkpoint(client, project, folder / "twin.safetensors", description, more)


def _checkpoint(client: Client, project: str, file: Path, description: dict[str, Any], more: dict[str, Any]) -> str:
    digest = sha256_of(file)
    same = {"sha256": digest, "state": "ready", "twin_of": more.get("twin_of")}
    same |= {"classes_are": description["classes_are"]}
    for known in client.items(f"/projects/{project}/releases"):
        if all(known[name] == value for name, value in same.items()):
            return str(known["id"])
    told = ("architecture", "hyperparameters", "convention", "classes", "classes_are")
    body = {name: description[name] for name in told} | more
    body |= {"version": f"{digest[:12]}-{time.time_ns() // 10**9}", "sha256": digest, "size_bytes": file.stat().st_size}
    target = lookup.target_id(client, project, TARGET, create=True)
    created = client.post(f"/targets/{target}/releases", body)
    waiting.upload(client, console, f"/releases/{created['id']}", file)
    return str(waiting.until_ready(client, file.name, f"/releases/{created['id']}")["id"])


def _dataset(client: Client, project: str, file: Path, role: str) -> str:
    digest = sha256_of(file)
    for known in client.items(f"/projects/{project}/datasets"):
        if known["sha256"] == digest and known["role"] == role and known["state"] == "ready":
            return str(known["id"])
    name = f"omniglot-{role}-{digest[:8]}-{time.time_ns() // 10**9}"
    created = client.post(f"/projects/{project}/datasets", {"name": name, "role": role})
    waiting.upload(client, console, f"/datasets/{created['id']}", file)
    return str(waiting.until_ready(client, file.name, f"/datasets/{created['id']}")["id"])
