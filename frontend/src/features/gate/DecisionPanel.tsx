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
import { assignedQuery } from "@/features/policies/queries";
import { Button } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";
import { Loading, Section } from "@/ui/Page";

/** Asks for the decision only where a policy applies, because it is an error elsewhere. */
export function DecisionPanel({ audit }: { audit: Audit }) {
  const decided = isFinished(audit) && audit.state !== "cancelled";
  const policy = useQuery({ ...assignedQuery(audit.release.target_id), enabled: decided });
  const unruled = policy.data?.policy_id === null;
  const decision = useQuery(decisionQuery(audit.id, decided && policy.isFetched && !unruled));
  const [asking, setAsking] = useState(false);
  if (!decided) return null;
  const data = unruled ? null : decision.data;
  return (
    <Section title="Release gate" aside={data?.policy.id && <PolicyLink audit={audit} id={data.policy.id} />}>
      {!unruled && decision.isPending && <Loading what="the decision" />}
      {!unruled && decision.isError && <ProblemNotice error={decision.error} title="The decision could not be loaded" />}
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
