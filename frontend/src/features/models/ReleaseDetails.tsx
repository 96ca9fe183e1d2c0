// Findings of the intake of a release, or the reason for its rejection.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Release } from "@/api/model";
import { capital, nounOfKind } from "@/features/audits/noun";
import { DeleteButton } from "@/features/deletions/DeleteButton";
import { releaseQuery } from "@/features/models/queries";
import { Rejected } from "@/features/models/release/IntakeDecisions";
import { OriginalFile, Signer } from "@/features/models/release/ReleaseFile";
import { ReleaseLink } from "@/features/models/release/ReleaseLink";
import { count } from "@/format/numbers";
import { CutText } from "@/ui/CutText";

const SHOWN = 40; // classes

/** Names the first classes. */
function Classes({ classes, kind }: { classes: readonly string[]; kind: Release["classes_are"] }) {
  return (
    <CutText lines={2}>{`${capital(nounOfKind(kind).many)}: ${classes.slice(0, SHOWN).join(", ")}${classes.length > SHOWN ? ` and ${count(classes.length - SHOWN)} more` : ""}`}</CutText>
  );
}

export function ReleaseDetails({ release }: { release: Release }) {
  const name = `${release.target_name} ${release.version}`;
  return (
    <>
      <Findings release={release} />
      <ReleaseLink release={release} className="text-accent ml-5 inline-block rounded-sm pt-1 text-sm hover:underline">
        All about this release
      </ReleaseLink>
      {release.state !== "deleted" && (
        <div className="mt-3 pl-3">
          <DeleteButton subject={{ kind: "release", id: release.id }} projectId={release.project_id} name={name} words="Delete the release" />
        </div>
      )}
    </>
  );
}

function Findings({ release }: { release: Release }) {
  const full = useQuery({ ...releaseQuery(release), enabled: release.state !== "refused" });
  const examination = full.data?.examination;
  if (release.state === "refused") return <Rejected release={release} />;
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
