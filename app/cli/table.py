"""The table of commands: where each one is, and its line in `exhume --help`.

The help of the root is printed from this table alone. The module of a command is imported when the
command runs, so that `exhume --help` and every other command start quickly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """A command or a group of commands.

    `at` is its module and name. `more` are commands of other modules that belong to the group.
    `settings` are given to typer.
    """

    at: str
    help: str
    more: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


PASS_THROUGH = {"context_settings": {"allow_extra_args": True, "ignore_unknown_options": True}}

TABLE: dict[str, Entry] = {
    "up": Entry("app.cli.up:up", "Start the whole service on this machine."),
    "stop": Entry("app.cli.up:stop", "Stop the service that `exhume up` started with this data folder."),
    "sign-in": Entry("app.cli.up:sign_in", "Print a one-time sign-in link for the server on this machine."),
    "doctor": Entry("app.cli.doctor:doctor", "Check this installation and explain how to fix it."),
    "demo": Entry("app.cli.demo:demo", "Train a small model, audit it, and print the verdict."),
    "replay": Entry("app.cli.replay:replay", "Run a finished audit again and report what changed."),
    "attest": Entry("app.cli.attest:attest", "Write the current decision about an audit, signed by the server."),
    "verify": Entry(
        "app.cli.verify:verify",
        "Verify a signed decision, or the signature of a model (OpenSSF), against a checkpoint.",
    ),
    "migrate": Entry("app.cli.serve:migrate", "Migrate the database to the schema of this version."),
    "backup": Entry("app.cli.backups:backup", "Back up the database and the object store into a folder."),
    "restore": Entry("app.cli.backups:restore", "Restore a backup into an empty installation and verify it."),
    "api": Entry("app.cli.serve:api", "Run the API."),
    "worker": Entry("app.cli.serve:worker", "Run one worker.", settings=PASS_THROUGH),
    "scheduler": Entry("app.cli.serve:scheduler", "Run the scheduler."),
    "init": Entry("app.cli.init:init", "Write a gate file, exhume.yaml."),
    "gate": Entry("app.cli.gate:gate", "Audit the checkpoint of a gate file and decide whether it may be released."),
    "audit": Entry(
        "app.cli.audit:audit_app",
        "Run audits: attack a release and give a verdict.",
        more={
            "compare": "app.cli.comparing:compare",
            "delete": "app.cli.deletions:delete_audit",
            "report": "app.cli.audit_report:report",
        },
    ),
    "project": Entry(
        "app.cli.registry:project_app",
        "Manage projects. Projects do not share data.",
        more={"delete": "app.cli.deletions:delete_project"},
    ),
    "target": Entry("app.cli.registry:target_app", "Manage targets. A target is a model with all its releases."),
    "release": Entry(
        "app.cli.registry:release_app",
        "Manage releases. A release is one checkpoint of a target.",
        more={"import": "app.cli.imports:import_release", "delete": "app.cli.deletions:delete_release"},
    ),
    "dataset": Entry(
        "app.cli.registry:dataset_app",
        "Manage data sets: public, private and gallery images.",
        more={"import": "app.cli.imports:import_dataset", "delete": "app.cli.deletions:delete_dataset"},
    ),
    "key": Entry("app.cli.keys:key_app", "Manage API keys of machines and of people."),
    "org": Entry("app.cli.organisations:org_app", "Manage organisations, their members and invitations."),
    "person": Entry("app.cli.people:person_app", "Manage accounts and signed-in browsers."),
    "signing-key": Entry(
        "app.cli.signing_keys:signing_key_app", "Manage the keys with which the service signs decisions."
    ),
    "verifier": Entry(
        "app.cli.verifiers:verifier_app",
        "Manage verifiers: models that say whether a reconstruction shows a person.",
        more={
            "train": "app.cli.verifier_training:train",
            "convert": "app.cli.verifier_conversion:convert",
            "import": "app.cli.imports:import_verifier",
            "delete": "app.cli.deletions:delete_verifier",
        },
    ),
    "prior": Entry(
        "app.cli.priors:prior_app",
        "Manage priors: generators that audits made from public images and reuse.",
        more={"delete": "app.cli.deletions:delete_prior"},
    ),
    "schedule": Entry("app.cli.schedules:schedule_app", "Manage schedules: audits at regular times."),
    "source": Entry("app.cli.sources:source_app", "Manage sources: places that are watched for new files."),
    "webhook": Entry("app.cli.webhooks:webhook_app", "Manage webhooks: events for other services, Slack and e-mail."),
    "twin": Entry("app.cli.twin:twin_app", "Manage twins of releases, trained without some people."),
    "policy": Entry("app.cli.policies:policy_app", "Manage policies: what releases must meet to ship."),
    "waiver": Entry("app.cli.waivers:waiver_app", "Manage waivers: releases that ship although a rule fails."),
    "log": Entry("app.cli.log:log_app", "Read and verify the audit log."),
    "receipt": Entry("app.cli.deletions:receipt_app", "Read the receipts of deletions."),
    "identity": Entry("app.cli.identities:identity_app", "Export or erase everything held about one identity."),
    "blind-line-up": Entry(
        "app.cli.blind_line_ups:blind_line_up_app", "Ask people whom reconstructions show, without names."
    ),
    "hold": Entry("app.cli.holds:hold_app", "Manage legal holds: what must not be deleted."),
    "upload": Entry("app.cli.uploads:upload_app", "Manage unfinished uploads and imports."),
}
