// The page of the installation: queue, workers, versions, storage.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { SystemOverview } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { systemQuery } from "@/features/system/queries";
import { WorkerTable } from "@/features/system/WorkerTable";
import { bytes, count, plural } from "@/format/numbers";
import { CommandLine } from "@/ui/Copy";
import { Notice } from "@/ui/Notice";
import { Loading, Page, Section } from "@/ui/Page";

const QUEUE: { state: string; words: string }[] = [
  { state: "running", words: "running" },
  { state: "queued", words: "ready to run" },
  { state: "waiting", words: "waiting for an earlier stage" },
];

export function SystemPage() {
  const system = useQuery(systemQuery);
  if (!system.data) {
    return system.isError ? <PageProblem error={system.error} what="system" /> : <Loading what="the system" />;
  }
  const { data } = system;
  const alive = data.workers.filter((worker) => worker.alive).length;
  return (
    <Page title="System" lead="A job is a stage of an audit, a shard of a stage, or the check of an upload. Under “exhume up”, checks have their own worker.">
      {alive === 0 && (
        <Notice title="No worker is running">
          Jobs wait until a worker starts. “exhume up” starts one. “exhume worker” adds another one, on this or another host.
        </Notice>
      )}
      <Section title="Queue">
        <dl className="figures flex flex-wrap gap-x-12 gap-y-4">
          {QUEUE.map(({ state, words }) => (
            <div key={state}>
              <dd className="text-2xl font-medium tracking-tight">{count(data.queue[state] ?? 0)}</dd>
              <dt className="text-ink-2 text-sm">{words}</dt>
            </div>
          ))}
        </dl>
      </Section>
      <Section title="Workers" aside={`${plural(alive, "worker")} running`}>
        <WorkerTable workers={data.workers} />
      </Section>
      <Section title="Installation">
        <Installation system={data} />
      </Section>
      <div className="mt-6 max-w-xl">
        <CommandLine label="Find problems and how to fix them" command="exhume doctor" />
      </div>
    </Page>
  );
}

function Installation({ system }: { system: SystemOverview }) {
  const { versions, storage } = system;
  return (
    <dl className="grid grid-cols-1 gap-x-10 text-sm md:grid-cols-2">
      <Line name="Exhume">{versions.exhume}</Line>
      <Line name="Images are kept">{plural(system.retention_days, "day")}</Line>
      <Line name="Python">{versions.python}</Line>
      <Line name="Largest checkpoint">{bytes(system.max_checkpoint_bytes)}</Line>
      <Line name="PostgreSQL">{versions.postgresql}</Line>
      <Line name="Largest data set">{bytes(system.max_dataset_bytes)}</Line>
      <Line name="Storage">
        {storage.kind}
        {storage.free_bytes !== null && `, ${bytes(storage.free_bytes)} free`}
      </Line>
      <Line name="Fetching from addresses">{system.import_hosts.length > 0 ? `from ${system.import_hosts.join(", ")}` : "off"}</Line>
      <Line name="Originals of converted checkpoints">
        {system.original_days > 0 ? `kept for ${plural(system.original_days, "day")}` : "deleted at once"}
      </Line>
    </dl>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="border-line flex min-h-10 items-center justify-between gap-6 border-b py-1.5">
      <dt className="text-ink-3">{name}</dt>
      <dd className="figures">{children}</dd>
    </div>
  );
}
