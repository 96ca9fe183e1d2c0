// The result of a finished audit: verdict, line-up, risk, identities, evidence and limits.
import { useQuery } from "@tanstack/react-query";
import type { Audit } from "@/api/model";
import { ComparedReleases } from "@/features/audits/result/ComparedReleases";
import { Evidence } from "@/features/audits/result/Evidence";
import { FitSection } from "@/features/audits/result/FitSection";
import { IdentityTable } from "@/features/audits/result/IdentityTable";
import { BlindLineUps } from "@/features/blindLineUps/BlindLineUps";
import { LineUp } from "@/features/audits/result/LineUp";
import { Named } from "@/features/audits/result/Named";
import { DecisionPanel } from "@/features/gate/DecisionPanel";
import { nounOf } from "@/features/audits/noun";
import { resultQuery } from "@/features/audits/queries";
import { identitiesQuery } from "@/features/audits/result/queries";
import { Replay } from "@/features/audits/result/Replay";
import { RiskFigure } from "@/features/audits/result/RiskFigure";
import { VerdictStatement } from "@/features/audits/result/VerdictStatement";
import { ProblemNotice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";

export function AuditResult({ audit }: { audit: Audit }) {
  const result = useQuery(resultQuery(audit.id, true));
  const identities = useQuery(identitiesQuery(audit.id, true));
  if (result.isPending) return <Loading what="the result" />;
  if (result.isError) return <ProblemNotice error={result.error} />;
  const noun = nounOf(result.data);
  return (
    <>
      <VerdictStatement result={result.data} />
      <DecisionPanel audit={audit} />
      {identities.isError && <ProblemNotice error={identities.error} title="The identities could not be loaded" />}
      {result.data.stopped && <FitSection result={result.data} />}
      {identities.data && <LineUp audit={audit} identities={identities.data} noun={noun} />}
      <RiskFigure audit={audit} result={result.data} />
      <Named audit={audit.id} result={result.data} />
      {identities.data && <IdentityTable audit={audit} identities={identities.data} noun={noun} />}
      <BlindLineUps audit={audit} />
      <ComparedReleases auditId={audit.id} result={result.data} />
      {!result.data.stopped && <FitSection result={result.data} />}
      <Evidence audit={audit} result={result.data} />
      <Replay audit={audit} />
    </>
  );
}
