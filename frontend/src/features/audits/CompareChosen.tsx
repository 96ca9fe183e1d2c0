// Compares two audits that are chosen in the list: the link, or why R cannot be compared.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { AuditSummary } from "@/api/model";
import { comparisonQuery } from "@/features/audits/compare/queries";
import { Button, buttonClass } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";

interface Props {
  /** One or two finished audits. */
  chosen: readonly AuditSummary[];
  onClear: () => void;
}

const nameOf = ({ release }: AuditSummary) => `${release.target_name} ${release.version}`;

export function CompareChosen({ chosen, onClear }: Props) {
  const [first, second] = chosen.toSorted((one, other) => one.created_at.localeCompare(other.created_at));
  if (!first) return null;
  return (
    <div role="status" className="border-line bg-sunken mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2 rounded-md border px-4 py-2.5 text-sm">
      {second ? <Pair first={first} second={second} /> : <p>{nameOf(first)} is chosen. Choose another finished audit of this target to compare the two.</p>}
      <Button look="quiet" onClick={onClear}>
        Choose none
      </Button>
    </div>
  );
}

function Pair({ first, second }: { first: AuditSummary; second: AuditSummary }) {
  const same = first.release.target_id === second.release.target_id;
  const found = useQuery({ ...comparisonQuery(first.id, second.id), enabled: same });
  if (!same) {
    return (
      <p className="min-w-0 flex-1">
        {nameOf(first)} and {nameOf(second)} are audits of different targets. Choose two of the same target.
      </p>
    );
  }
  const reasons = found.data?.not_comparable ?? [];
  return (
    <div className="min-w-0 flex-1 space-y-2">
      <p>
        {nameOf(first)} and then {nameOf(second)}
        {found.isPending && ": comparing …"}
        {reasons.length > 0 && `: R cannot be compared. ${reasons.join(" ")}`}
      </p>
      {found.isError && <ProblemNotice error={found.error} />}
      {found.data && (
        <Link to="/audits/$auditId/compare/$otherId" params={{ auditId: first.id, otherId: second.id }} className={buttonClass(reasons.length === 0 ? "primary" : "secondary")}>
          {reasons.length === 0 ? "Compare the two" : "Show the two side by side"}
        </Link>
      )}
    </div>
  );
}
