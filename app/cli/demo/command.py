"""The demo: stack, target, upload, audit, table. The last line printed is machine-readable."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import lookup, waiting
from app.cli.connection import exit_code, print_problem
from app.cli.demo.comparison import SETTINGS, print_comparison
from app.cli.demo.stack import StackError, running_stack
from app.cli.demo.training import TrainingError, train_target
from app.cli.render import machine_line, print_result
from app.cli.terminal import err, out
from app.cli.watching import watch
from app.contract.choices import Effort
from app.contract.exit_codes import Exit
from app.contract.shares import share
from app.settings import settings
from exhume import ApiError, Client, FileRejectedError, StillRunningError, UnreachableError, sha256_of

PROJECT, TARGET = "demo", "omniglot-reader"
CLASSES = 90
# Number of attacked classes that the twin is trained without.
TWIN_OF = 8
RIGHTS = {
    "declared_by": "exhume demo",
    "statement": "The demo trains this model itself, on the Omniglot characters shipped with Exhume (MIT).",
}


class DemoError(Exception):
    """The demo ended before a verdict."""


OURS = (StackError, TrainingError, DemoError)


def demo(
    compare: Annotated[bool, typer.Option("--compare", help="Run all four settings and compare them.")] = False,
    identities: Annotated[int, typer.Option(min=1, max=90, help="Number of the 90 classes to attack.")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training and of the attack.")] = 0,
    effort: Annotated[Effort, typer.Option(help="Effort of the attack.")] = "standard",
) -> None:
    """Train a small model, audit it, and print the verdict.

    The model is a classifier of handwritten characters that are shipped with Exhume.

    The exit code is 0 when every audit reached a verdict, even FAIL, and 2 otherwise.
    """
    begun = time.monotonic()
    try:
        with running_stack() as client:
            lines = _run(client, SETTINGS if compare else ("lomma",), identities, seed, effort)
            out.say(f"The whole demo took {time.monotonic() - begun:.0f} s.")
            out.say("To see the audit in the dashboard, run `exhume up` and open the link it prints.")
            out.say(*lines)
    except ApiError as error:
        print_problem(error)
        raise typer.Exit(exit_code(error)) from error
    except (*OURS, UnreachableError, FileRejectedError, StillRunningError) as error:
        err.block(str(error))
        raise typer.Exit(Exit.AUDIT_ERROR) from error


def _run(client: Client, chosen: tuple[str, ...], identities: int, seed: int, effort: str) -> list[str]:
    from app.audits.plan import sample

    out.styled(("1.", "bold"), " Train a small classifier of 90 classes, each a handwritten character.")
    folder = settings().data_dir / "demo" / f"seed-{seed}"
    without = sample(list(range(CLASSES)), identities, seed)[:TWIN_OF]
    trained = train_target(out, folder, seed, without)
    out.say(f"   Accuracy on drawings it was not trained on: {share(trained['held_out_accuracy'])}.")
    out.say(
        f"   A twin, trained without {len(without)} of the classes, has {share(trained['twin_held_out_accuracy'])} on "
        "the others."
    )
    out.styled(("2.", "bold"), " Upload the checkpoint, its twin and the images through the REST API.")
    project = lookup.project_id(client, PROJECT, create=True)
    release = _release(client, project, folder)
    twin = _twin(client, project, folder, release)
    public = _dataset(client, project, folder / "public.npz", "public")
    private = _dataset(client, project, folder / "private.npz", "private")

    out.styled(("3.", "bold"), f" Audit it: attack {identities} of the classes, then compare with the training images.")
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
        print_comparison(out, results)
    prefix = {setting: f"setting={setting} " if len(results) > 1 else "" for setting in results}
    return [prefix[setting] + machine_line(result, seconds) for setting, (result, seconds) in results.items()]


def _audit(client: Client, project: str, request: dict[str, Any]) -> tuple[dict[str, Any], float]:
    begun = time.monotonic()
    audit = client.post(f"/projects/{project}/audits", request)
    out.say(f"   {request['setting']}: {client.url}/audits/{audit['id']}")
    audit = watch(client, audit["id"], out)
    seconds = time.monotonic() - begun
    if audit["state"] != "succeeded":
        problem = audit.get("problem") or {}
        raise DemoError(f"The audit {audit['state']}. {problem.get('code')}: {problem.get('detail')}")
    result = client.get(f"/audits/{audit['id']}/result")
    print_result(out, result)
    out.say(f"The audit took {seconds:.0f} s.")
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
    fields = ("architecture", "hyperparameters", "convention", "classes", "classes_are")
    body = {name: description[name] for name in fields} | more
    body |= {"version": f"{digest[:12]}-{time.time_ns() // 10**9}", "sha256": digest, "size_bytes": file.stat().st_size}
    target = lookup.target_id(client, project, TARGET, create=True)
    created = client.post(f"/targets/{target}/releases", body)
    waiting.upload(client, f"/releases/{created['id']}", file)
    return str(client.until_checked(f"/releases/{created['id']}", file.name)["id"])


def _dataset(client: Client, project: str, file: Path, role: str) -> str:
    digest = sha256_of(file)
    for known in client.items(f"/projects/{project}/datasets"):
        if known["sha256"] == digest and known["role"] == role and known["state"] == "ready":
            return str(known["id"])
    name = f"omniglot-{role}-{digest[:8]}-{time.time_ns() // 10**9}"
    created = client.post(f"/projects/{project}/datasets", {"name": name, "role": role})
    waiting.upload(client, f"/datasets/{created['id']}", file)
    return str(client.until_checked(f"/datasets/{created['id']}", file.name)["id"])
