// The schedules of a project: when its targets are audited, and what came of it.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { rowsOf } from "@/api/pages";
import { PageProblem } from "@/app/PageError";
import { datasetsQuery } from "@/features/datasets/queries";
import { targetsQuery } from "@/features/models/queries";
import { ScheduleEditor } from "@/features/schedules/ScheduleEditor";
import { SCHEDULE_CHOICES, validateSchedules } from "@/features/schedules/list";
import { searchedSchedulesQuery } from "@/features/schedules/queries";
import { ScheduleTable } from "@/features/schedules/ScheduleTable";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { narrows } from "@/ui/listSearch";
import { Empty, Page } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";

const COMMAND =
  'exhume schedule create nightly --target badge-reader --cron "0 3 * * *" --timezone Europe/Berlin \\\n  --public NAME --private NAME --declared-by YOU --rights WHY';

export function SchedulesPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/schedules" });
  const { open: opened, add: adding, target, ...values } = validateSchedules(useSearch({ from: "/signed-in/projects/$projectId/schedules" })); // the router keeps unknown ones
  const navigate = useNavigate({ from: "/projects/$projectId/schedules" });
  const schedules = useInfiniteQuery(searchedSchedulesQuery(projectId, values));
  const targets = useQuery(targetsQuery(projectId));
  const datasets = useQuery(datasetsQuery(projectId));
  const searched = narrows(values);
  if (schedules.isError && !schedules.data && !searched) return <PageProblem error={schedules.error} what="project" />;
  const add = (open: boolean) => void navigate({ search: { ...values, add: open || undefined }, replace: !open });
  const open = (id: string | undefined) => void navigate({ search: { ...values, open: id }, replace: true, resetScroll: false });
  const button = (
    <Button look="primary" onClick={() => add(true)}>
      <Icon name="plus" /> New schedule
    </Button>
  );
  return (
    <Page
      title="Schedules"
      lead="Audits of the newest release of a target, started by the service at set times."
      actions={(searched || rowsOf(schedules.data).length > 0) && !adding && button}
    >
      {adding && targets.data && datasets.data && (
        <ScheduleEditor
          projectId={projectId}
          targets={targets.data}
          chosen={target}
          datasets={datasets.data}
          onClose={() => add(false)}
          onDone={({ id }) => open(id)}
        />
      )}
      <SearchedList
        what="schedules"
        list={schedules}
        values={values}
        choices={SCHEDULE_CHOICES}
        onChange={(next) => void navigate({ search: { ...next, add: adding, target }, replace: true, resetScroll: false })}
        empty={
          !adding && (
            <Empty title="No schedules yet" action={button}>
              <p>A schedule audits the newest release of a target at set times, and skips a release that it has audited already.</p>
              <CommandLine command={COMMAND} />
            </Empty>
          )
        }
      >
        {(rows) => (
          <ScheduleTable
            caption="Schedules of this project"
            rows={rows}
            targets={new Map((targets.data ?? []).map(({ id, name }) => [id, name]))}
            opened={opened}
            onOpen={open}
          />
        )}
      </SearchedList>
    </Page>
  );
}
