// What stands in the way of a deletion.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { DeletionPreview } from "@/api/model";
import { SubjectLink } from "@/features/projects/SubjectLink";
import { plural } from "@/format/numbers";
import { Notice } from "@/ui/Notice";

interface Props {
  title: string;
  preview: Pick<DeletionPreview, "running_audits" | "holds">;
  projectId: string;
  /** What else it can be. */
  otherwise: ReactNode;
}

export function Blockers({ title, preview: { running_audits, holds }, projectId, otherwise }: Props) {
  return (
    <Notice title={title}>
      {running_audits.length > 0 && (
        <p>
          {plural(running_audits.length, "audit that uses it has", "audits that use it have")} not ended. Cancel them or wait:{" "}
          {running_audits.slice(0, 5).map((id) => (
            <span key={id}>
              <SubjectLink projectId={projectId} id={id} />{" "}
            </span>
          ))}
        </p>
      )}
      {holds.map((hold) => (
        <p key={hold} className="break-words">
          Legal hold on {hold}
        </p>
      ))}
      {holds.length > 0 && (
        <p>
          <Link to="/projects/$projectId/deletions" params={{ projectId }} className="text-accent hover:underline">
            Release the hold first
          </Link>
        </p>
      )}
      {running_audits.length === 0 && holds.length === 0 && <p>{otherwise}</p>}
    </Notice>
  );
}
