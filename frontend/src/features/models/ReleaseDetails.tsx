// What the examination of a release found, or why it was refused.
import { Link } from "@tanstack/react-router";
import type { Release } from "@/api/model";
import { capital, nounOfKind } from "@/features/audits/noun";
import { count } from "@/format/numbers";
import { Notice, ProblemDetails } from "@/ui/Notice";
import { When } from "@/ui/When";

/** What became of the file that was sent. */
function OriginalFile({ release: { original, original_until: until } }: { release: Release }) {
  if (original === null) return null;
  if (original === "identical") return <p>What is audited is the file that was sent, byte for byte.</p>;
  if (original === "not_sent") return <p>No file was sent: the project held a checked copy.</p>;
  if (original === "kept" && until !== null) {
    return (
      <p>
        Original file: kept in quarantine, where nothing opens it; deleted <When at={until} />. What is audited is its checked copy.
      </p>
    );
  }
  return <p>Original file: deleted {until === null ? "after its conversion" : <When at={until} />}. What is audited is its checked copy; its SHA-256 stays.</p>;
}

export function ReleaseDetails({ release }: { release: Release }) {
  const { examination, problem } = release;
  if (release.state === "refused") {
    return (
      <Notice title={problem?.title ?? "Refused"}>
        {problem ? <ProblemDetails problem={problem} /> : null}
        {problem?.code === "class-order" ? (
          <p className="mt-1">
            Correct “classes” in the description, or, if it is right and the file is not, confirm the order in the upload form. Then upload it as a new
            release; nothing of this file is kept.
          </p>
        ) : (
          <p className="mt-1">Nothing of the file is kept. Fix it and upload it as a new release.</p>
        )}
      </Notice>
    );
  }
  return (
    <div className="text-ink-2 space-y-1 pl-5 text-sm">
      {release.state === "awaiting_upload" && <p>Its checkpoint has not arrived; an abandoned upload is removed after a while.</p>}
      {release.state === "checking" && <p>Its structure, names, shapes and outputs are being checked.</p>}
      {examination && (
        <p>
          {count(examination.parameters)} parameters
          {examination.multiply_adds !== undefined && `, ${count(examination.multiply_adds)} multiply-adds an image`}, features of {count(examination.feature_dim)} dimensions, gives{" "}
          {examination.outputs ?? "logits"}.
        </p>
      )}
      {examination?.notes?.map((note) => <p key={note}>{note}</p>)}
      <OriginalFile release={release} />
      <p className="line-clamp-2" title={release.classes.join(", ")}>
        {capital(nounOfKind(release.classes_are).many)}: {release.classes.slice(0, 40).join(", ")}
        {release.classes.length > 40 ? " …" : ""}
      </p>
      {release.state === "ready" && (
        <Link
          to="/projects/$projectId/audits/new"
          params={{ projectId: release.project_id }}
          search={{ release: release.id }}
          className="text-accent inline-block pt-1 hover:underline"
        >
          Audit this release
        </Link>
      )}
    </div>
  );
}
