// One audit: its verdict, evidence and method. While it runs, its stages.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { AuditHeader } from "@/features/audits/AuditHeader";
import { AuditRunning } from "@/features/audits/live/AuditRunning";
import { SearchCurves } from "@/features/audits/live/SearchCurves";
import { AuditStopped } from "@/features/audits/live/AuditStopped";
import { AuditResult } from "@/features/audits/result/AuditResult";
import { auditQuery, isFinished } from "@/features/audits/queries";
import { DecisionPanel } from "@/features/gate/DecisionPanel";
import { Record } from "@/features/audits/result/Record";
import { Contents } from "@/ui/Contents";
import { Loading } from "@/ui/Page";
import { progressWord } from "@/ui/VerdictMark";

export function AuditPage() {
  const { auditId } = useParams({ from: "/signed-in/audits/$auditId" });
  const audit = useQuery(auditQuery(auditId));
  if (audit.isPending) return <Loading what="the audit" />;
  if (!audit.data) return <PageProblem error={audit.error} what="audit" />;
  const { data } = audit;
  return (
    <>
      <title>{`${data.verdict ?? "Audit"}: ${data.release.target_name} ${data.release.version} · Exhume`}</title>
      <p role="status" className="sr-only">
        {isFinished(data) && `The audit has ended: ${data.verdict ?? progressWord(data.state)}.`}
      </p>
      <AuditHeader audit={data} />
      <Contents>
        {!isFinished(data) && <AuditRunning key={data.id} audit={data} />}
        {(data.state === "failed" || data.state === "cancelled") && <AuditStopped audit={data} />}
        {data.state === "succeeded" && <AuditResult key={data.id} audit={data} />}
        {data.state === "failed" && <DecisionPanel audit={data} />}
        {isFinished(data) && <SearchCurves auditId={data.id} running={false} />}
        <Record audit={data} />
      </Contents>
    </>
  );
}
