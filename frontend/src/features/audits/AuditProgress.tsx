// An audit on its way: live stages, or where and why it stopped and what is kept.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Audit } from "@/api/model";
import type { Problem } from "@/api/problem";
import { merge } from "@/features/audits/events";
import { jobsQuery } from "@/features/audits/queries";
import { PriorSamples } from "@/features/audits/PriorSamples";
import { StageBar } from "@/features/audits/StageBar";
import { StageTable } from "@/features/audits/StageTable";
import { STAGE_WORDS, stageViews, type StageView, timeLeft } from "@/features/audits/stages";
import { type Connection, useAuditEvents } from "@/features/audits/useAuditEvents";
import { useNow } from "@/features/audits/useNow";
import { plural } from "@/format/numbers";
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
  const views = useMemo(
    () => stageViews(merge(jobs.data ?? [], live, jobs.dataUpdatedAt), now),
    [jobs.data, jobs.dataUpdatedAt, live, now],
  );
  const current = views.filter((view) => view.state === "running");
  return (
    <>
      <div>
        <h1 className="text-2xl font-semibold">{headline(audit, views)}</h1>
        <p className="text-ink-2 mt-1 text-lg">{audit.state === "cancelling" ? STOPPING : `${timeLeft(views)} ${LEAVE}`}</p>
        <p className="sr-only" role="status">
          {current.map((view) => `${STAGE_WORDS[view.stage].name}: ${view.shardsDone} of ${view.shards} parts done`).join(". ")}
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
        {current.some((view) => view.stage === "prior") && <PriorSamples auditId={audit.id} kind={audit.plan.prior_kind} />}
      </Section>
      {audit.state !== "cancelling" && <Conclusions audit={audit} />}
      <div className="mt-8 max-w-xl">
        <CommandLine command={`exhume audit wait ${audit.id}`} />
      </div>
    </>
  );
}

const STOPPING = "It stops where it can be taken up again, and will have no verdict. Finished stages are kept.";
const LEAVE = "You can leave: the audit goes on, and this address finds it again.";

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
            search={{ again: audit.id }}
            className={buttonClass("secondary")}
          >
            Start it again …
          </Link>
        }
      >
        {problem && <ProblemDetails problem={problem} />}
        {problem && !cancelled && isForTheUser(problem) && (
          <p className="mt-1">Change what it names, such as the images, the verifiers or the release; then start it again.</p>
        )}
        <p className="mt-1">
          {kept.length > 0
            ? `Finished, and used again with the same model, images and plan: ${kept.join(", ")}.`
            : "No stage had finished; only this record is kept."}{" "}
          “Start it again” fills the form with this plan and declaration; you confirm the declaration once more.
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

/** Whether the input is at fault; a fault of the service, status 500, brings its own advice. */
function isForTheUser({ status }: Problem): boolean {
  return status !== undefined && status < 500;
}
