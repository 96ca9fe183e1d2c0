// What an attacker must have: which kinds of access were tested, and what came of it.
import type { Result, ThreatModel } from "@/api/model";
import { figureColumns } from "@/features/audits/figureColumns";
import { type Column, DataTable } from "@/ui/DataTable";
import { Term } from "@/ui/Term";

const ACCESS = { "white-box": "The weights", scores: "Scores of any image", labels: "Labels alone" } as const;
const PLANS: Record<string, string> = { "weights-public": "the weights will be public", "weights-shared": "partners or devices will have the weights", hosted: "the weights stay hosted" };

export function ThreatModels({ result }: { result: Result }) {
  if (!result.threat_models) return null;
  const columns: Column<ThreatModel>[] = [
    { id: "access", header: "What the attacker has", rowHeader: true, cell: ({ access }) => ACCESS[access] },
    { id: "attack", header: "Attack", className: "text-ink-2", cell: (line) => wordsOf(line, result) },
    ...figureColumns<ThreatModel>(({ risk }) => risk && { format: "share", ...risk }, "R"),
    { id: "severity", header: <Term name="severity">Severity</Term>, cell: ({ severity }) => severity ?? "–" },
  ];
  return (
    <div className="mt-6">
      <DataTable
        caption="Kinds of access of an attacker"
        columns={columns}
        rows={result.threat_models}
        rowKey={({ access }) => access}
        rowProps={({ access, risk }) => ({ "data-figure": risk ? `threat.${access}` : undefined })}
        width="max-w-4xl min-w-[38rem]"
      />
      {result.severity_note && <p className="text-ink-2 mt-2 max-w-[68ch] text-sm">{result.severity_note}</p>}
      <p className="text-ink-3 mt-1 text-xs">
        {result.release_plan ? `Declared: ${PLANS[result.release_plan] ?? result.release_plan}.` : "Nobody has said who will hold the weights; it is weighed like shared weights."}
      </p>
    </div>
  );
}

/** What was done with this access. Older documents call an attack that nobody could judge "not tested". */
function wordsOf({ access, tested, attacks, risk, words }: ThreatModel, result: Result): string {
  if (tested) return risk ? attacks.join(", ") : (words ?? `${attacks.join(", ")}: attacked, but nothing could be judged`);
  if (access === "white-box" && result.risk === null && !result.stopped) return "attacked, but nothing could be judged";
  return "not tested";
}
