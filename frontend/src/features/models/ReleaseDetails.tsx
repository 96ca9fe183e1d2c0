// Findings of the intake of a release, or the reason for its rejection.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Release } from "@/api/model";
import { capital, nounOfKind } from "@/features/audits/noun";
import { DeleteButton } from "@/features/deletions/DeleteButton";
import { releaseQuery } from "@/features/models/queries";
import { count } from "@/format/numbers";
import { Notice, ProblemDetails } from "@/ui/Notice";
import { When } from "@/ui/When";

/** Says what happened to the uploaded file. */
function OriginalFile({ release: { original, original_until: until } }: { release: Release }) {
  if (original === null) return null;
  if (original === "identical") return <p>The audited file is identical to the uploaded one.</p>;
  if (original === "not_sent") return <p>No file was uploaded, because the project has a checked copy.</p>;
  if (original === "kept" && until !== null) {
    return (
      <p>
        Original file: kept in quarantine, where nothing opens it, and deleted <When at={until} />. Audits use its checked copy.
      </p>
    );
  }
  return <p>Original file: deleted {until === null ? "after its conversion" : <When at={until} />}. Audits use its checked copy. Its SHA-256 is kept.</p>;
}

/** Says who signed the file. The name was stated with the signature. The key was verified. */
function Signer({ release: { signature } }: { release: Release }) {
  if (signature === null) return null;
  return (
    <p>
      Signed by {signature.signer}, as stated by {signature.recorded_by}. Verified with the key <span className="break-all">{signature.key_id}</span>.
    </p>
  );
}

/** Names the first classes. */
function Classes({ classes, kind }: { classes: readonly string[]; kind: Release["classes_are"] }) {
  return (
    <p className="line-clamp-2" title={classes.join(", ")}>
      {capital(nounOfKind(kind).many)}: {classes.slice(0, 40).join(", ")}
      {classes.length > 40 ? " …" : ""}
    </p>
  );
}

export function ReleaseDetails({ release }: { release: Release }) {
  const name = `${release.target_name} ${release.version}`;
  return (
    <>
      <Findings release={release} />
      {release.state !== "deleted" && (
        <div className="mt-3 pl-3">
          <DeleteButton subject={{ kind: "release", id: release.id }} projectId={release.project_id} name={name} words="Delete the release" />
        </div>
      )}
    </>
  );
}

function Findings({ release }: { release: Release }) {
  const { problem } = release;
  const full = useQuery({ ...releaseQuery(release), enabled: release.state !== "refused" });
  const examination = full.data?.examination;
  if (release.state === "refused") {
    return (
      <Notice title={problem?.title ?? "Rejected"}>
        {problem ? <ProblemDetails problem={problem} /> : null}
        {problem?.code === "class-order" ? (
          <p className="mt-1">
            Correct “classes” in the description. If the description is right and the file is wrong, confirm the order in the upload form. Then upload
            the file as a new release. This file was not kept.
          </p>
        ) : (
          <p className="mt-1">The file was not kept. Fix it and upload it as a new release.</p>
        )}
      </Notice>
    );
  }
  return (
    <div className="text-ink-2 space-y-1 pl-5 text-sm">
      {release.state === "awaiting_upload" && <p>Its checkpoint has not arrived. Abandoned uploads are removed.</p>}
      {release.state === "deleted" && <p>Its file was deleted. The results of its audits refer to it.</p>}
      {release.state === "checking" && <p>Its structure, names, shapes and outputs are being checked.</p>}
      {examination && (
        <p>
          {count(examination.parameters)} parameters
          {typeof examination.multiply_adds === "number" && `, ${count(examination.multiply_adds)} multiply-adds per image`}, {count(examination.feature_dim)} features. Outputs{" "}
          {examination.outputs}.
        </p>
      )}
      {examination?.notes.map((note) => <p key={note}>{note}</p>)}
      <OriginalFile release={release} />
      <Signer release={release} />
      {full.data && <Classes classes={full.data.classes} kind={release.classes_are} />}
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
