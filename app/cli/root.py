"""The typer application: every command group in a file of its own."""

import typer

from app.cli import audit, imports, registry, replay, serve, twin, up, uploads, verifier_training, verifiers
from app.cli.demo import demo
from app.cli.doctor import doctor

app = typer.Typer(
    name="exhume",
    help="How much of your training data can be dug out of the model you are about to release?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.command("up")(up.up)
app.command("stop")(up.stop)
app.command("sign-in")(up.sign_in)
app.command("doctor")(doctor)
app.command("demo")(demo)
verifiers.verifier_app.command("train")(verifier_training.train)
registry.release_app.command("import")(imports.import_release)
registry.dataset_app.command("import")(imports.import_dataset)
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
