// The schedules of a project: when its targets are audited, and what came of it.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { datasetsQuery } from "@/features/datasets/queries";
import { targetsQuery } from "@/features/models/queries";
import { ScheduleEditor } from "@/features/schedules/ScheduleEditor";
import { schedulesQuery } from "@/features/schedules/queries";
import { ScheduleTable } from "@/features/schedules/ScheduleTable";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { Empty, Loading, Page } from "@/ui/Page";

const COMMAND =
  'exhume schedule create nightly --target badge-reader --cron "0 3 * * *" --timezone Europe/Berlin \\\n  --public NAME --private NAME --declared-by YOU --rights WHY';

export function SchedulesPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/schedules" });
  const search = useSearch({ from: "/signed-in/projects/$projectId/schedules" });
  const navigate = useNavigate({ from: "/projects/$projectId/schedules" });
  const schedules = useQuery(schedulesQuery(projectId));
  const targets = useQuery(targetsQuery(projectId));
  const datasets = useQuery(datasetsQuery(projectId));
  if (schedules.isError && !schedules.data) return <PageProblem error={schedules.error} what="project" />;
  const rows = schedules.data ?? [];
  const add = (open: boolean) => void navigate({ search: open ? { add: true } : {}, replace: !open });
  const button = (
    <Button look="primary" onClick={() => add(true)}>
      <Icon name="plus" /> New schedule
    </Button>
  );
  return (
    <Page
      title="Schedules"
      lead="Audits of the newest release of a target, started by the service at set times."
      actions={rows.length > 0 && !search.add && button}
    >
      {search.add && targets.data && datasets.data && (
        <ScheduleEditor
          projectId={projectId}
          targets={targets.data}
          datasets={datasets.data}
          onClose={() => add(false)}
          onDone={({ id }) => void navigate({ search: { open: id } })}
        />
      )}
      {schedules.isPending && <Loading what="schedules" />}
      {schedules.data && rows.length === 0 && !search.add && (
        <Empty title="No schedules yet" action={button}>
          <p>A schedule audits the newest release of a target at set times, and skips a release that it has audited already.</p>
          <CommandLine command={COMMAND} />
        </Empty>
      )}
      {rows.length > 0 && (
          <ScheduleTable
              caption="Schedules of this project"
              rows={rows}
              targets={new Map((targets.data ?? []).map(({ id, name }) => [id, name]))}
              opened={search.open}
              onOpen={(open) => void navigate({ search: open ? { open } : {}, replace: true, resetScroll: false })}
            />
        )}
      </Page>
    );
  }
