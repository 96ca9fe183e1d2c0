// Kinds of access that an attacker may have, and the risk of those that were tested.
import type { Result, ThreatModel } from "@/api/model";
import { attackWords } from "@/features/audits/settings";
import { figureColumns } from "@/features/audits/figureColumns";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Term } from "@/ui/Term";

const ACCESS = { "white-box": "The weights", scores: "Scores for any image", labels: "Labels only" } as const;
const PLANS: Record<string, string> = { "weights-public": "the weights will be public", "weights-shared": "partners or devices will have the weights", hosted: "the weights stay hosted" };

export function ThreatModels({ result }: { result: Result }) {
  const columns: Column<ThreatModel>[] = [
    { id: "access", header: "Access of the attacker", rowHeader: true, cell: ({ access }) => ACCESS[access] },
    { id: "attack", header: "Attack", className: "text-ink-2", cell: (line) => wordsOf(line, result) },
    ...figureColumns<ThreatModel>(({ risk }) => risk, "R"),
    { id: "severity", header: <Term name="severity">Severity</Term>, cell: ({ severity }) => severity ?? "–" },
  ];
  return (
    <div className="mt-6">
      <DataTable
        caption="Risk by the access of the attacker"
        columns={columns}
        rows={result.threat_models}
        rowKey={({ access }) => access}
        rowProps={(line) => ({ "data-figure": line.risk ? `threat_models.${result.threat_models.indexOf(line)}.risk` : undefined })}
        width="max-w-4xl min-w-[38rem]"
      />
      {result.severity_note && <p className="text-ink-2 mt-2 max-w-[68ch] text-sm">{result.severity_note}</p>}
      <p className="text-ink-3 mt-1 text-xs">
        {result.release_plan ? `Declared: ${PLANS[result.release_plan] ?? result.release_plan}.` : "The release plan is undeclared. It is treated like shared weights."}
      </p>
    </div>
  );
}

/**
 * Return what was tested with this access. Older documents call an attack without a usable
 * verifier "not tested".
 */
function wordsOf({ access, tested, attacks, risk, words }: ThreatModel, result: Result): string {
  if (tested) return risk ? attacks.map(attackWords).join("; ") : words;
  if (access === "white-box" && result.risk === null && !result.stopped) return "attacked, but could not be verified";
  return "not tested";
}
