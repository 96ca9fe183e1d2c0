"""`exhume schedule`: audits of a target at regular times."""

from typing import Annotated, Any, Literal

import typer

from app.cli import lookup
from app.cli.arguments import AttacksOption, ProjectOption, SearchOption, SortOption, attack_names, share
from app.cli.connection import server
from app.cli.terminal import err, out
from app.contract.choices import Effort
from exhume import Client

schedule_app = typer.Typer()
ScheduleArgument = Annotated[str, typer.Argument(help="Id or name of the schedule.")]
ZoneOption = Annotated[str, typer.Option(help="IANA time zone, such as Europe/Berlin.")]
CronHelp = "Minute, hour, day of the month, month and day of the week, such as '0 3 * * *'."


@schedule_app.command("create")
def create_schedule(
    name: Annotated[str, typer.Argument(help="Name of the schedule.")],
    target: Annotated[str, typer.Option(help="Target whose newest release is audited.")],
    cron: Annotated[str, typer.Option(help=CronHelp)],
    public: Annotated[str, typer.Option(help="Public data set: images that an attacker could have.")],
    declared_by: Annotated[
        str, typer.Option(help="Who declares the right to audit these models and images. Recorded as written.")
    ],
    rights: Annotated[
        str, typer.Option(help="The declaration, in a sentence. Every audit of the schedule carries it.")
    ],
    timezone: ZoneOption = "UTC",
    private: Annotated[str | None, typer.Option(help="Private data set: images of the training set.")] = None,
    gallery: Annotated[str | None, typer.Option(help="Gallery data set: other people.")] = None,
    attacks: AttacksOption = None,
    effort: Annotated[Effort, typer.Option(help="Effort of the attack.")] = "standard",
    identities: Annotated[int | None, typer.Option(help="Number of classes to attack. Default: all.", min=1)] = None,
    budget: Annotated[
        float, typer.Option(help="Largest risk that can pass, as a share.", parser=share, metavar="SHARE")
    ] = 0.05,
    catch_up: Annotated[
        Literal["once", "none"],
        typer.Option(help="After a downtime: one run for all that were missed (once), or none."),
    ] = "once",
    jitter_seconds: Annotated[
        int, typer.Option(help="Delay all runs by a fixed number of seconds, below this number.", min=0, max=86_400)
    ] = 0,
    repeat_after_days: Annotated[
        int, typer.Option(help="Days after which an unchanged release is audited again.", min=1, max=3650)
    ] = 30,
    project: ProjectOption = None,
) -> None:
    """Audit the newest release of a target at regular times, and print the schedule's id."""
    with server() as client:
        owner = lookup.project_id(client, project)
        audit: dict[str, Any] = {
            "public_dataset_id": lookup.dataset(client, owner, public)["id"],
            "effort": effort,
            "budget": budget,
            "rights": {"declared_by": declared_by, "statement": rights},
        }
        audit |= {
            f"{role}_dataset_id": lookup.dataset(client, owner, given)["id"]
            for role, given in (("private", private), ("gallery", gallery))
            if given
        }
        audit |= {"attacks": attack_names(attacks)} if attacks else {}
        audit |= {"identities": identities} if identities else {}
        body = {
            "name": name,
            "target_id": lookup.target_id(client, owner, target),
            "cron": cron,
            "timezone": timezone,
            "audit": audit,
            "catch_up": catch_up,
            "jitter_seconds": jitter_seconds,
            "repeat_after_days": repeat_after_days,
        }
        made = client.post(f"/projects/{owner}/schedules", body)
        err.say(f"{made.get('reads')} ({made.get('timezone')}). Next run: {made.get('next_at')}.")
        out.say(made["id"])


@schedule_app.command("update")
def update_schedule(
    schedule: ScheduleArgument,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    cron: Annotated[str | None, typer.Option(help=CronHelp)] = None,
    timezone: Annotated[str | None, typer.Option(help="IANA time zone, such as Europe/Berlin.")] = None,
    public: Annotated[str | None, typer.Option(help="Public data set.")] = None,
    private: Annotated[str | None, typer.Option(help="Private data set.")] = None,
    gallery: Annotated[str | None, typer.Option(help="Gallery data set.")] = None,
    attacks: AttacksOption = None,
    effort: Annotated[Effort | None, typer.Option(help="Effort of the attack.")] = None,
    identities: Annotated[int | None, typer.Option(help="Number of classes to attack.", min=1)] = None,
    budget: Annotated[
        float | None, typer.Option(help="Largest risk that can pass, as a share.", parser=share, metavar="SHARE")
    ] = None,
    declared_by: Annotated[str | None, typer.Option(help="Who declares the right to audit.")] = None,
    rights: Annotated[str | None, typer.Option(help="The declaration, in a sentence.")] = None,
    catch_up: Annotated[Literal["once", "none"] | None, typer.Option(help="Runs after a downtime.")] = None,
    jitter_seconds: Annotated[
        int | None,
        typer.Option(help="Delay all runs by a fixed number of seconds, below this number.", min=0, max=86_400),
    ] = None,
    repeat_after_days: Annotated[
        int | None, typer.Option(help="Days after which an unchanged release is audited again.", min=1, max=3650)
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Change a schedule, and print its next run. Options that are left out keep their value."""
    with server() as client:
        owner = lookup.project_id(client, project)
        found = lookup.named(client, owner, "schedules", "schedule", schedule)
        change: dict[str, Any] = {"name": name, "cron": cron, "timezone": timezone, "catch_up": catch_up}
        change |= {"jitter_seconds": jitter_seconds, "repeat_after_days": repeat_after_days}
        sets = {"public": public, "private": private, "gallery": gallery}
        audit: dict[str, Any] = {
            f"{role}_dataset_id": lookup.dataset(client, owner, given)["id"] for role, given in sets.items() if given
        }
        audit |= given_only({"effort": effort, "identities": identities, "budget": budget})
        if attacks:
            audit["attacks"] = attack_names(attacks)
        declared = given_only({"declared_by": declared_by, "statement": rights})
        if declared:
            audit["rights"] = found["audit"]["rights"] | declared
        if audit:
            kept = {name: value for name, value in found["audit"].items() if "attacks" not in audit or name != "attack"}
            change["audit"] = kept | audit
        body = given_only(change)
        if not body:
            lookup.stop("Name what to change, such as --cron.")
        made = client.patch(f"/schedules/{found['id']}", body)
        err.say(f"{made.get('reads')} ({made.get('timezone')}).")
        out.say(str(made.get("next_at") or "paused"))


def given_only(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that were given."""
    return {name: value for name, value in values.items() if value is not None}


@schedule_app.command("list")
def list_schedules(project: ProjectOption = None, search: SearchOption = None, sort: SortOption = None) -> None:
    """List schedules, and when each runs next."""
    with server() as client:
        rows = list(client.items(f"/projects/{lookup.project_id(client, project)}/schedules", q=search, sort=sort))
        rows = [row | {"next": row.get("next_at") or "paused"} for row in rows]
        out.rows(rows, ("id", "name", "cron", "timezone", "next", "failures"))


@schedule_app.command("show")
def show_schedule(schedule: ScheduleArgument, project: ProjectOption = None) -> None:
    """Print a schedule as JSON, with its next five due times."""
    with server() as client:
        found = _found(client, project, schedule)
        preview = client.get(f"/schedules/{found['id']}/preview")
        out.json(found | {"times": preview.get("times")})


@schedule_app.command("preview")
def preview(cron: Annotated[str, typer.Argument(help=CronHelp)], timezone: ZoneOption = "UTC") -> None:
    """Print the next five due times of a cron expression, in local time and UTC."""
    with server() as client:
        found = client.post("/schedule-previews", {"cron": cron, "timezone": timezone})
        err.say(str(found.get("reads")))
        out.rows(found.get("times", []), ("local", "utc"))


@schedule_app.command("pause")
def pause_schedule(schedule: ScheduleArgument, project: ProjectOption = None) -> None:
    """Pause a schedule. Audits that are running continue."""
    with server() as client:
        client.post(f"/schedules/{_found(client, project, schedule)['id']}/pause")


@schedule_app.command("resume")
def resume_schedule(schedule: ScheduleArgument, project: ProjectOption = None) -> None:
    """Resume a schedule and print its next run."""
    with server() as client:
        found = client.post(f"/schedules/{_found(client, project, schedule)['id']}/resume")
        out.say(str(found.get("next_at")))


@schedule_app.command("run")
def run_schedule(schedule: ScheduleArgument, project: ProjectOption = None) -> None:
    """Run a schedule now, even if nothing has changed, and print the run's id."""
    with server() as client:
        out.say(str(client.post(f"/schedules/{_found(client, project, schedule)['id']}/runs").get("id")))


@schedule_app.command("runs")
def list_runs(schedule: ScheduleArgument, project: ProjectOption = None) -> None:
    """List the runs of a schedule: their audits, and why others were skipped."""
    with server() as client:
        found = client.items(f"/schedules/{_found(client, project, schedule)['id']}/runs")
        out.rows([_run(one) for one in found], ("due_at", "state", "reason", "audit_id", "missed"))


def _run(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"reason": one.get("reason") or (one.get("problem") or {}).get("code")}


@schedule_app.command("delete")
def delete_schedule(schedule: ScheduleArgument, project: ProjectOption = None) -> None:
    """Delete a schedule and the list of its runs. Its audits stay."""
    with server() as client:
        client.delete(f"/schedules/{_found(client, project, schedule)['id']}")


def _found(client: Client, project: str | None, schedule: str) -> dict[str, Any]:
    return lookup.named(client, lookup.project_id(client, project), "schedules", "schedule", schedule)
