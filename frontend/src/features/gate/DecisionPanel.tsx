// What the policy of the target decides about an audit: the outcome, the next step, every rule.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Audit } from "@/api/model";
import { isFinished } from "@/features/audits/queries";
import { AskForWaiver } from "@/features/gate/AskForWaiver";
import { DecisionStatement } from "@/features/gate/DecisionStatement";
import { decisionQuery } from "@/features/gate/queries";
import { RuleTable } from "@/features/gate/RuleTable";
import { Button } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";
import { Loading, Section } from "@/ui/Page";

export function DecisionPanel({ audit }: { audit: Audit }) {
  const decision = useQuery(decisionQuery(audit.id, isFinished(audit) && audit.state !== "cancelled"));
  const [asking, setAsking] = useState(false);
  if (!isFinished(audit) || audit.state === "cancelled") return null;
  const { data } = decision;
  return (
    <Section title="Release gate" aside={data?.policy.id && <PolicyLink audit={audit} id={data.policy.id} />}>
      {decision.isPending && <Loading what="the decision" />}
      {decision.isError && <ProblemNotice error={decision.error} title="The decision could not be loaded" />}
      {data === null && (
        <p className="text-ink-2 max-w-[68ch]">
          No policy applies to this target, so nothing is decided.{" "}
          <Link to="/projects/$projectId/policies" params={{ projectId: audit.project_id }} className="text-accent underline">
            Write a policy
          </Link>{" "}
          to decide every release, this one included.
        </p>
      )}
      {data && (
        <>
          <DecisionStatement decision={data} />
          <div className="mt-4">
            <RuleTable rules={data.rules} />
          </div>
          <div className="mt-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
            {data.rules.some(({ outcome }) => outcome === "fail") && <Button onClick={() => setAsking(true)}>Ask for a waiver</Button>}
            <Reports decision={data.id} />
          </div>
          <AskForWaiver open={asking} onOpenChange={setAsking} target={audit.release.target_id} release={audit.release.id} rules={data.rules} />
        </>
      )}
    </Section>
  );
}

const REPORTS = { markdown: "Markdown", sarif: "SARIF", junit: "JUnit", "code-quality": "Code Quality", attestation: "in-toto", cyclonedx: "CycloneDX", badge: "Badge" };

/** Links to the decision in the formats that other systems read. */
function Reports({ decision }: { decision: string }) {
  return (
    <p className="text-ink-3 text-sm">
      Reports:{" "}
      {Object.entries(REPORTS).map(([format, words]) => (
        <a key={format} href={`/api/v1/decisions/${decision}/report?format=${format}`} download className="text-accent ml-2 inline-block hover:underline">
          {words}
        </a>
      ))}
    </p>
  );
}

function PolicyLink({ audit, id }: { audit: Audit; id: string }) {
  return (
    <Link to="/projects/$projectId/policies/$policyId" params={{ projectId: audit.project_id, policyId: id }} className="text-accent hover:underline">
      The policy
    </Link>
  );
}
