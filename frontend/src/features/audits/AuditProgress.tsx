// An audit on its way: live stages, or where and why it stopped and what is kept.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Audit } from "@/api/model";
import { merge } from "@/features/audits/events";
import { jobsQuery } from "@/features/audits/queries";
import { PriorSamples } from "@/features/audits/PriorSamples";
import { StageBar } from "@/features/audits/StageBar";
import { StageTable } from "@/features/audits/StageTable";
import { remainingSeconds, STAGE_WORDS, stageViews, type StageView } from "@/features/audits/stages";
import { type Connection, useAuditEvents } from "@/features/audits/useAuditEvents";
import { useNow } from "@/features/audits/useNow";
import { duration, plural } from "@/format/numbers";
import { buttonClass } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Notice, ProblemDetails } from "@/ui/Notice";
import { Section } from "@/ui/Page";

const CONNECTION_WORDS: Record<Connection, string> = {
  connecting: "Connecting …",
  live: "Live",
  reconnecting: "Reconnecting; nothing is missed",
  off: "",
};

export function AuditRunning({ audit }: { audit: Audit }) {
  const jobs = useQuery(jobsQuery(audit.id));
  const { live, connection } = useAuditEvents(audit.id, true, audit.event_seq);
  const now = useNow(1000);
  const views = useMemo(() => stageViews(merge(jobs.data ?? [], live), now), [jobs.data, live, now]);
  const current = views.filter((view) => view.state === "running");
  const left = remainingSeconds(views);
  return (
    <>
      <div>
        <h1 className="text-2xl font-semibold">{headline(audit, views)}</h1>
        <p className="text-ink-2 mt-1 text-lg">
          {left === null ? "No estimate." : `About ${duration(left)} to go.`} You can leave: it goes on, and this address
          finds it again.
        </p>
        <p className="sr-only" role="status">
          {current.map((view) => `${STAGE_WORDS[view.stage].name}: ${view.shardsDone} of ${view.shards} parts done`).join(". ")}
        </p>
      </div>
      <Section title="Stages" aside={<span className="figures">{CONNECTION_WORDS[connection]}</span>}>
        <StageBar views={views} />
        <StageTable views={views} />
        {current.some((view) => view.stage === "prior") && <PriorSamples auditId={audit.id} kind={audit.plan.prior_kind} />}
      </Section>
      <Conclusions audit={audit} />
      <div className="mt-8 max-w-xl">
        <CommandLine command={`exhume audit wait ${audit.id}`} />
      </div>
    </>
  );
}

function headline(audit: Audit, views: readonly StageView[]): string {
  if (audit.state === "cancelling") return "Stopping at the next checkpoint";
  const first = views.find((view) => view.state === "running");
  if (!first) {
    if (views.some((view) => view.state === "queued")) return "Waiting for a worker";
    return views.length === 0 ? "Starting" : "Between two stages";
  }
  const { name, does } = STAGE_WORDS[first.stage];
  return `${name}: ${does}`;
}

function Conclusions({ audit }: { audit: Audit }) {
  const { concludes } = audit.estimate;
  if (concludes.length === 0) return null;
  return (
    <Section title="What this audit will be able to conclude">
      <ul className="text-ink-2 max-w-[68ch] list-disc space-y-1 pl-4">
        {concludes.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Section>
  );
}

export function AuditStopped({ audit }: { audit: Audit }) {
  const jobs = useQuery(jobsQuery(audit.id));
  const now = useNow(null);
  const views = stageViews(jobs.data ?? [], now);
  const kept = views.filter((view) => view.state === "succeeded").map((view) => STAGE_WORDS[view.stage].name.toLowerCase());
  const failed = views.find((view) => view.failed)?.failed ?? null;
  const cancelled = audit.state === "cancelled";
  const problem = audit.problem ?? failed?.problem ?? null;
  return (
    <>
      <h1 className="mb-4 text-2xl font-semibold">
        {cancelled ? "Cancelled before a verdict" : "This audit did not finish, so there is no verdict"}
      </h1>
      <Notice
        title={
          cancelled
            ? "Nothing was concluded about this model"
            : failed
              ? `${STAGE_WORDS[failed.stage].name} failed after ${plural(failed.attempt, "attempt")}`
              : (problem?.title ?? "The audit failed")
        }
        actions={
          <Link
            to="/projects/$projectId/audits/new"
            params={{ projectId: audit.project_id }}
            search={{
              release: audit.release.id,
              public: audit.public_dataset.id,
              private: audit.private_dataset?.id,
            }}
            className={buttonClass("secondary")}
          >
            Start it again
          </Link>
        }
      >
        {problem && <ProblemDetails problem={problem} />}
        <p className="mt-1">
          {kept.length > 0
            ? `Kept and reused when you start again with the same model and images: ${kept.join(", ")}.`
            : "No stage had finished; nothing of it is kept but this record."}
        </p>
      </Notice>
      {views.length > 0 && (
        <Section title="Stages">
          <StageBar views={views} />
          <StageTable views={views} />
        </Section>
      )}
    </>
  );
}
