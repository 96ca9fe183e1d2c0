"""The typer application. Each command group has its own file."""

import typer

from app.cli import audit, imports, registry, replay, serve, twin, up, uploads, verifier_training, verifiers
from app.cli.command_line import CommandLine
from app.cli.demo import demo
from app.cli.doctor import doctor

app = typer.Typer(
    name="exhume",
    cls=CommandLine,
    help="Find out how much training data can be recovered from a model before you release it.\n\n"
    "Exit codes: 0 pass, 1 fail, 2 audit error or no answer from the server, 3 inconclusive, 4 usage or permission, "
    "5 still running.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("up")(up.up)
app.command("stop")(up.stop)
app.command("sign-in")(up.sign_in)
app.command("doctor")(doctor)
app.command("demo")(demo)
verifiers.verifier_app.command("train")(verifier_training.train)
registry.release_app.command("import")(imports.import_release)
registry.dataset_app.command("import")(imports.import_dataset)
verifiers.verifier_app.command("import")(imports.import_verifier)
app.command("replay")(replay.replay)
app.command("migrate")(serve.migrate)
app.command("api")(serve.api)
app.command("worker", context_settings=serve.PASS_THROUGH)(serve.worker)
app.command("scheduler")(serve.scheduler)
for name, group in {
    "audit": audit.audit_app,
    "project": registry.project_app,
    "target": registry.target_app,
    "release": registry.release_app,
    "dataset": registry.dataset_app,
    "key": registry.key_app,
    "verifier": verifiers.verifier_app,
    "twin": twin.twin_app,
    "upload": uploads.upload_app,
}.items():
    app.add_typer(group, name=name)
