// One audit in the list.
import { Link } from "@tanstack/react-router";
import type { Audit } from "@/api/model";
import { duration, share, span } from "@/format/numbers";
import { SETTING_WORDS } from "@/features/audits/settings";
import { IntervalMark } from "@/plots/IntervalMark";
import { ProgressMark, VerdictMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

export function AuditRow({ audit }: { audit: Audit }) {
  const { release, risk, risk_low, risk_high, plan } = audit;
  return (
    <tr className="relative">
      <td>
        <Link
          to="/audits/$auditId"
          params={{ auditId: audit.id }}
          className="rounded-sm after:absolute after:inset-0 after:content-['']"
        >
          {audit.verdict ? <VerdictMark verdict={audit.verdict} /> : <ProgressMark state={audit.state} />}
          <span className="sr-only">, open the audit of {release.target_name}</span>
        </Link>
      </td>
      <td>
        <span className="font-medium">{release.target_name}</span>
        <span className="text-ink-3"> {release.version}</span>
      </td>
      {risk === null ? (
        <td colSpan={3} className="text-ink-2 max-w-80">
          <p className="truncate">{standing(audit)}</p>
        </td>
      ) : (
        <>
          <td className="number font-medium">{share(risk)}</td>
          <td className="text-ink-2 whitespace-nowrap">{span({ low: risk_low, high: risk_high })}</td>
          <td>
            <IntervalMark value={risk} low={risk_low} high={risk_high} budget={plan.budget} verdict={audit.verdict} />
          </td>
        </>
      )}
      <td>{SETTING_WORDS[plan.setting].name}</td>
      <td className="number">{plan.identities.length}</td>
      <td className="number text-ink-2">
        <When at={audit.created_at} />
      </td>
    </tr>
  );
}

function standing(audit: Audit): string {
  if (audit.state === "failed") return audit.problem?.detail ?? "Stopped by an error; open it for the details.";
  if (audit.state === "cancelled") return "Cancelled before a verdict.";
  if (audit.state === "succeeded") return audit.sentence?.replace(/^[A-Z]+: /, "") ?? "Nothing could be judged; open it for the reasons.";
  return `Under way, estimated ${duration(audit.estimate.seconds)} in all`;
}
