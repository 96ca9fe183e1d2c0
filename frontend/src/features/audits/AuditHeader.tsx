// The head of an audit: the release, setting and date, with the actions on it.
import { useQuery } from "@tanstack/react-query";
import type { Audit } from "@/api/model";
import { CancelAudit } from "@/features/audits/live/CancelAudit";
import { CompareMenu } from "@/features/audits/compare/CompareMenu";
import { isFinished, resultQuery } from "@/features/audits/queries";
import { ReportButton } from "@/features/audits/result/ReportButton";
import { settingsOf } from "@/features/audits/settings";
import { counted, nounOf } from "@/features/audits/noun";
import { DeleteButton } from "@/features/deletions/DeleteButton";
import { saveText } from "@/plots/download";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Trail } from "@/ui/Trail";
import { When } from "@/ui/When";

export function AuditHeader({ audit }: { audit: Audit }) {
  const { release, plan } = audit;
  const done = audit.state === "succeeded";
  const { data: result } = useQuery(resultQuery(audit.id, done));
  const save = () => saveText(`${audit.id}.json`, "application/json", JSON.stringify(result, null, 2));
  return (
    <div className="mb-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-2 text-sm">
      <div className="text-ink-2 flex flex-wrap items-center gap-x-2">
        <Trail
          above={[
            { words: "Audits", link: { to: "/projects/$projectId/audits", params: { projectId: audit.project_id } } },
            {
              words: `${release.target_name} ${release.version}`,
              link: { to: "/projects/$projectId/releases/$releaseId", params: { projectId: audit.project_id, releaseId: release.id } },
            },
          ]}
          className=""
        />
        <p className="contents">
          <Dot />
          {settingsOf(plan)}
          <Dot />
          {counted(plan.identities.length, nounOf(result))}
          <Dot />
          <When at={audit.created_at} />
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {!isFinished(audit) && <CancelAudit audit={audit} />}
        {isFinished(audit) && !audit.images_deleted && (
          <DeleteButton subject={{ kind: "audit", id: audit.id }} projectId={audit.project_id} name={`images of ${release.target_name} ${release.version}`} words="Delete images" />
        )}
        {done && <CompareMenu audit={audit} />}
        {done && <ReportButton audit={audit} />}
        {done && (
          <Button onClick={save} disabled={!result}>
            <Icon name="download" /> JSON
          </Button>
        )}
      </div>
    </div>
  );
}

function Dot() {
  return (
    <span aria-hidden="true" className="text-ink-3">
      ·
    </span>
  );
}
