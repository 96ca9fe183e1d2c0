"""Every operation of the API has a command, or a reason not to have one."""

import json
from pathlib import Path

from typer.testing import CliRunner

from app import __version__
from app.cli.root import app
from tests.unit.cli import tree

REPOSITORY = Path(__file__).parents[3]

COMMANDS = {
    "audit cancel": {"audits-cancel"},
    "audit compare": {"results-comparison"},
    "audit delete": {"deletions-delete_audit", "deletions-preview_audit"},
    "audit estimate": {"audits-estimate"},
    "audit list": {"audits-list"},
    "audit regression": {"results-regression"},
    "audit report": {"reports-audit"},
    "audit show": {"audits-get", "audits-jobs", "audits-queue", "results-get"},
    "audit start": {"audits-create"},
    "audit wait": {"events-follow"},
    "attest": {"reports-sign"},
    "blind-line-up create": {"blind-line-ups-create"},
    "blind-line-up delete": {"blind-line-ups-delete"},
    "blind-line-up list": {"blind-line-ups-list"},
    "blind-line-up results": {"blind-line-ups-results"},
    "blind-line-up show": {"blind-line-ups-get"},
    "dataset delete": {"deletions-delete_dataset", "deletions-preview_dataset"},
    "dataset import": {"imports-create_for_dataset"},
    "dataset list": {"datasets-list"},
    "dataset show": {"datasets-get"},
    "dataset upload": {
        *("datasets-create", "datasets-upload_file", "uploads-create_for_dataset"),
        *("uploads-locate", "uploads-append", "uploads-get"),
    },
    "doctor": {"health-live", "health-ready", "system-get"},
    "gate": {"decisions-of_audit", "decisions-get", "reports-get"},
    "hold list": {"holds-list"},
    "hold place": {"holds-place"},
    "hold release": {"holds-release"},
    "identity erase": {"identities-erase", "identities-preview"},
    "identity export": {"identities-export"},
    "key create": {"keys-create", "me-create-key", "organisations-create-key"},
    "key list": {"organisations-list-keys"},
    "key revoke": {"keys-revoke"},
    "log checkpoint": {"audit-log-checkpoint"},
    "log show": {"audit-log-list"},
    "log verify": {"audit-log-verify"},
    "org create": {"organisations-create"},
    "org invitations": {"members-list-invitations"},
    "org invite": {"members-invite"},
    "org list": {"organisations-list", "organisations-get"},
    "org members": {"members-list"},
    "org remove": {"members-remove"},
    "org role": {"members-change"},
    "org withdraw": {"members-revoke-invitation"},
    "person disable": {"people-disable"},
    "person enable": {"people-enable"},
    "person list": {"people-list"},
    "person recover": {"people-recover"},
    "person sessions": {"people-list-sessions"},
    "person sign-out": {"people-end-session"},
    "policy assign": {"policies-assign", "policies-set_default"},
    "policy create": {"policies-create", "policies-add_version"},
    "policy decisions": {"decisions-list_of_target", "decisions-list_of_audit"},
    "policy delete": {"policies-delete"},
    "policy list": {"policies-list"},
    "policy show": {"policies-get", "policies-versions", "policies-of_target", "policies-default"},
    "policy test": {"policies-test"},
    "prior delete": {"deletions-delete_prior", "deletions-preview_prior"},
    "prior list": {"priors-list"},
    "project badges": {"reports-open_badges"},
    "project create": {"projects-create"},
    "project delete": {"deletions-delete_project", "deletions-preview_project"},
    "project limits": {"limits-get", "limits-set"},
    "project list": {"projects-list"},
    "project replace-key": {"projects-replace_encryption_key"},
    "project retention": {"projects-set_retention"},
    "project show": {"projects-get"},
    "receipt list": {"deletions-list_receipts"},
    "receipt save": {"deletions-attestation"},
    "receipt show": {"deletions-receipt"},
    "release delete": {"deletions-delete_release", "deletions-preview_release"},
    "release import": {"imports-create_for_release"},
    "release list": {"releases-list"},
    "release propose": {"architectures-propose", "releases-preflight"},
    "release show": {"releases-get"},
    "release upload": {
        *("releases-create", "releases-sign", "releases-reuse_checkpoint"),
        *("releases-upload_file", "uploads-create_for_release"),
    },
    "replay": {"audits-replay", "audits-drift"},
    "schedule create": {"schedules-create", "schedules-preview_draft"},
    "schedule delete": {"schedules-delete"},
    "schedule list": {"schedules-list"},
    "schedule pause": {"schedules-pause"},
    "schedule preview": {"schedules-preview"},
    "schedule resume": {"schedules-resume"},
    "schedule run": {"schedules-run"},
    "schedule runs": {"schedules-runs"},
    "schedule show": {"schedules-get"},
    "schedule update": {"schedules-update"},
    "sign-in": {"session-create"},
    "signing-key list": {"signing-keys-list"},
    "signing-key rotate": {"signing-keys-rotate"},
    "source changes": {"sources-changes"},
    "source check": {"sources-check"},
    "source create": {"sources-create"},
    "source delete": {"sources-delete"},
    "source list": {"sources-list"},
    "source pause": {"sources-update"},
    "source show": {"sources-get"},
    "target create": {"targets-create"},
    "target list": {"targets-list"},
    "target show": {"targets-get"},
    "upload delete": {"uploads-terminate"},
    "upload list": {"uploads-list"},
    "verifier delete": {"deletions-delete_verifier", "deletions-preview_verifier"},
    "verifier import": {"imports-create_for_verifier"},
    "verifier list": {"verifiers-list", "verifiers-bundled"},
    "verifier show": {"verifiers-get"},
    "verifier upload": {"verifiers-create", "verifiers-upload_file", "uploads-create_for_verifier"},
    "waiver approve": {"waivers-approve"},
    "waiver ask": {"waivers-ask"},
    "waiver list": {"waivers-list"},
    "waiver revoke": {"waivers-revoke"},
    "waiver show": {"waivers-get"},
    "webhook create": {"webhooks-create"},
    "webhook delete": {"webhooks-delete"},
    "webhook deliveries": {"webhooks-deliveries", "webhooks-delivery"},
    "webhook list": {"webhooks-list"},
    "webhook pause": {"webhooks-update"},
    "webhook replay": {"webhooks-replay"},
    "webhook show": {"webhooks-get"},
    "webhook test": {"webhooks-test"},
}
"""Operations by the command that uses them, or answers the same question."""

REASONS = {
    "A browser signs in and out, and keeps its account.": {
        *("session-get", "session-delete", "session-ways", "session-begin-oidc", "session-finish-oidc"),
        *("me-get", "me-choose-membership", "me-change-password", "me-begin-second-factor"),
        *("me-confirm-second-factor", "members-accept-invitation"),
    },
    "`exhume key list` lists these keys with all others of the organisation.": {"keys-list", "me-list-keys"},
    "`exhume log show` reads the log of a project; that of an organisation is for its own pages.": {
        "organisations-list-log"
    },
    "`exhume audit list` and `exhume release list` list them with those of other projects or targets.": {
        *("audits-list_of_project", "releases-list_of_target"),
    },
    "They are in the result that `exhume audit show --json` prints, or can be looked at on a page only.": {
        *("results-identities", "results-identity", "results-reconstructions", "results-curves"),
        *("results-reconstruction_image", "results-reference_image", "results-public_image"),
        *("results-prior_samples", "results-prior_samples_image"),
        *("results-samples_image", "results-film_image", "priors-get", "results-kept_prior_image"),
    },
    "A person looks at pictures in the dashboard to answer.": {
        *("blind-line-ups-begin", "blind-line-ups-next", "blind-line-ups-answer"),
    },
    "It fills a page of the dashboard; `exhume audit list` answers the same questions.": {"overview-get"},
    "Other programs read or call them.": {
        *("reports-badge", "sources-webhook", "architectures-list", "problem-types-list", "problem-types-get"),
    },
}
"""Operations without a command, by the reason."""


def operations() -> set[str]:
    """Return the ids of all operations of the committed description of the API."""
    paths = json.loads((REPOSITORY / "openapi.json").read_text())["paths"]
    return {one["operationId"] for found in paths.values() for one in found.values() if "operationId" in one}


def test_every_operation_has_a_command_or_a_reason() -> None:
    listed = [name for names in (*COMMANDS.values(), *REASONS.values()) for name in names]
    assert sorted(operations() - set(listed)) == []
    assert sorted(set(listed) - operations()) == []
    assert len(listed) == len(set(listed))
    assert sorted(COMMANDS.keys() - tree.leaves().keys()) == []


def test_every_noun_that_can_be_listed_can_be_shown_and_deleted() -> None:
    nouns = {"target", "release", "dataset", "verifier", "schedule", "source", "webhook", "project", "policy"}
    for verb in ("list", "show", "delete"):
        missing = {noun for noun in nouns if f"{noun} {verb}" not in tree.leaves()}
        # A target is deleted with its project, as its decisions must stay readable until then.
        assert missing == ({"target"} if verb == "delete" else set())


def test_the_lists_that_scripts_read_can_be_printed_as_json() -> None:
    for noun in ("project", "target", "release", "dataset", "audit", "key", "policy", "waiver"):
        assert "--json" in {opt for parameter in tree.leaves()[f"{noun} list"].params for opt in parameter.opts}, noun


def test_the_version_is_printed_without_a_command() -> None:
    found = CliRunner().invoke(app, ["--version"])
    assert (found.exit_code, found.output) == (0, f"exhume {__version__}\n")
