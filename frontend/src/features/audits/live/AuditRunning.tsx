// A running audit: its stages, and the conclusions to expect.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Audit } from "@/api/model";
import { merge } from "@/features/audits/live/events";
import { PriorSamples } from "@/features/audits/live/PriorSamples";
import { jobsQuery, queueQuery } from "@/features/audits/live/queries";
import { aheadWords, startWords } from "@/features/audits/queueWords";
import { SearchCurves } from "@/features/audits/live/SearchCurves";
import { StageBar } from "@/features/audits/live/StageBar";
import { StageTable } from "@/features/audits/live/StageTable";
import { remainingSeconds, stageViews, type StageView, timeLeft } from "@/features/audits/live/stageViews";
import { type Connection, useAuditEvents } from "@/features/audits/live/useAuditEvents";
import { useNow } from "@/features/audits/live/useNow";
import { STAGE_WORDS } from "@/features/audits/stages";
import { CommandLine } from "@/ui/Copy";
import { Section } from "@/ui/Page";

const CONNECTION_WORDS: Record<Connection, string> = {
  connecting: "Connecting …",
  live: "Live",
  reconnecting: "Reconnecting. No event is lost",
  off: "",
};

export function AuditRunning({ audit }: { audit: Audit }) {
  const jobs = useQuery(jobsQuery(audit.id));
  const { live, connection } = useAuditEvents(audit.id, true, audit.event_seq);
  const now = useNow(1000);
  const all = useMemo(() => merge(jobs.data ?? [], live, jobs.dataUpdatedAt), [jobs.data, jobs.dataUpdatedAt, live]);
  const views = useMemo(() => stageViews(all, now), [all, now]);
  const unfit = all.find((job) => job.state === "queued" && job.problem?.code === "no_worker_fits");
  const current = views.filter((view) => view.state === "running");
  const idle = all.some((job) => job.state === "queued") && all.every((job) => job.state !== "running");
  const { data: place } = useQuery(queueQuery(audit.id, idle && audit.state !== "cancelling"));
  const waits = idle && place !== undefined && (current.length === 0 || place.ahead > 0 || place.workers === 0);
  const time = waits ? `${aheadWords(place)} ${startWords(place, remainingSeconds(views))}` : timeLeft(views);
  return (
    <>
      <div>
        <h1 className="text-2xl font-semibold">{headline(audit, views, waits)}</h1>
        <p className="text-ink-2 mt-1 text-lg">{audit.state === "cancelling" ? STOPPING : `${time} ${LEAVE}`}</p>
        {unfit?.problem && (
          <p className="mt-2 max-w-[68ch]" role="status">
            {unfit.problem.detail}
          </p>
        )}
        <p className="sr-only" role="status">
          {current.map((view) => `${STAGE_WORDS[view.stage].name}: ${view.shardsDone} of ${view.shards} shards done`).join(". ")}
        </p>
      </div>
      <Section title="Stages" aside={<span className="figures">{CONNECTION_WORDS[connection]}</span>}>
        <StageBar views={views} />
        <StageTable views={views} />
        {live.notes.length > 0 && (
          <ul className="text-ink-2 mt-4 max-w-[68ch] list-disc space-y-1 pl-4">
            {live.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
        {current.some((view) => view.stage === "prior") && <PriorSamples auditId={audit.id} />}
      </Section>
      <SearchCurves auditId={audit.id} running />
      {audit.state !== "cancelling" && <Conclusions audit={audit} />}
      <div className="mt-8 max-w-xl">
        <CommandLine command={`exhume audit wait ${audit.id}`} />
      </div>
    </>
  );
}

const STOPPING = "It stops at the next checkpoint and will have no verdict. Finished stages are kept.";
const LEAVE = "You can close this page. The audit continues, and this address leads back to it.";

function headline(audit: Audit, views: readonly StageView[], waits: boolean): string {
  if (audit.state === "cancelling") return "Stopping at the next checkpoint";
  const first = views.find((view) => view.state === "running");
  if (!first || waits) {
    if (waits || views.some((view) => view.state === "queued")) return "Waiting for a worker";
    return views.length === 0 ? "Starting" : "Between stages";
  }
  const { name, does } = STAGE_WORDS[first.stage];
  return `${name}: ${does}`;
}

function Conclusions({ audit }: { audit: Audit }) {
  const { concludes } = audit.estimate;
  if (concludes.length === 0) return null;
  return (
    <Section title="Possible conclusions">
      <ul className="text-ink-2 max-w-[68ch] list-disc space-y-1 pl-4">
        {concludes.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Section>
  );
}
