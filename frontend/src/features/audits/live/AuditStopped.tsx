// An audit that ended without a verdict: where and why it stopped, and what is kept.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Audit } from "@/api/model";
import type { Problem } from "@/api/problem";
import { jobsQuery } from "@/features/audits/live/queries";
import { StageBar } from "@/features/audits/live/StageBar";
import { StageTable } from "@/features/audits/live/StageTable";
import { stageViews } from "@/features/audits/live/stageViews";
import { useNow } from "@/features/audits/live/useNow";
import { STAGE_WORDS } from "@/features/audits/stages";
import { plural } from "@/format/numbers";
import { buttonClass } from "@/ui/Button";
import { Notice, ProblemDetails } from "@/ui/Notice";
import { Section } from "@/ui/Page";

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
            ? "There is no conclusion about this release"
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
          <p className="mt-1">Correct the cause, such as the images, the verifiers or the release. Then start the audit again.</p>
        )}
        <p className="mt-1">
          {kept.length > 0
            ? `Finished stages are reused with the same release, images and plan: ${kept.join(", ")}.`
            : "No stage had finished. Only this record is kept."}{" "}
          “Start it again” fills the form with this plan. You make the declaration again.
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

/**
 * Return whether the input caused the problem. Errors of the service, status 500, come with their
 * own advice.
 */
function isForTheUser({ status }: Problem): boolean {
  return status !== undefined && status < 500;
}
