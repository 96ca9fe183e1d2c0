// The schedules of one target, with their next runs.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Target } from "@/api/model";
import { schedulesQuery } from "@/features/schedules/queries";
import { ScheduleTable } from "@/features/schedules/ScheduleTable";
import { ProblemNotice } from "@/ui/Notice";
import { Loading, Section } from "@/ui/Page";

export function TargetSchedules({ target }: { target: Target }) {
  const schedules = useQuery(schedulesQuery(target.project_id, target.id));
  const [opened, setOpened] = useState<string | undefined>();
  return (
    <Section
      title="Schedules"
      aside={
        <Link to="/projects/$projectId/schedules" params={{ projectId: target.project_id }} search={{ add: true, target: target.id }} className="text-accent hover:underline">
          New schedule
        </Link>
      }
    >
      {schedules.isPending && <Loading what="schedules" />}
      {schedules.isError && !schedules.data && <ProblemNotice error={schedules.error} title="The schedules could not be loaded" />}
      {schedules.data?.length === 0 && <p className="text-ink-2 text-sm">No schedule audits this target. Its releases are audited when somebody asks.</p>}
      {schedules.data && schedules.data.length > 0 && (
        <ScheduleTable caption={`Schedules of ${target.name}`} rows={schedules.data} opened={opened} onOpen={setOpened} />
      )}
    </Section>
  );
}
