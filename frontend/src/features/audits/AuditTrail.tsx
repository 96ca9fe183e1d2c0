// The way back to the list of audits, in front of the name of a release.
import { Link } from "@tanstack/react-router";
import type { Audit } from "@/api/model";
import { Icon } from "@/ui/Icon";

export function AuditTrail({ audit }: { audit: Audit }) {
  return (
    <>
      <Link
        to="/projects/$projectId/audits"
        params={{ projectId: audit.project_id }}
        className="hover:text-ink rounded-sm underline-offset-2 hover:underline"
      >
        Audits
      </Link>
      <Icon name="right" className="text-ink-3 size-3.5 shrink-0" />
    </>
  );
}
