// What an attacker must have: which kinds of access were tested, and what came of it.
import type { Result, ThreatModel } from "@/api/model";
import { figureText } from "@/features/audits/figures";
import { count } from "@/format/numbers";
import { Term } from "@/ui/Term";

const ACCESS = { "white-box": "The weights", scores: "Scores of any image", labels: "Labels alone" } as const;
const PLANS: Record<string, string> = { "weights-public": "the weights will be public", "weights-shared": "partners or devices will have the weights", hosted: "the weights stay hosted" };

export function ThreatModels({ result }: { result: Result }) {
  if (!result.threat_models) return null;
  return (
    <div className="mt-6">
      <div className="relative overflow-x-auto">
        <table className="data-table max-w-4xl min-w-[38rem]">
          <thead>
            <tr>
              <th scope="col">What the attacker has</th>
              <th scope="col">Attack</th>
              <th scope="col" className="number">
                R
              </th>
              <th scope="col" className="number">
                95 % interval
              </th>
              <th scope="col" className="number">
                n
              </th>
              <th scope="col">
                <Term name="severity">Severity</Term>
              </th>
            </tr>
          </thead>
          <tbody>
            {result.threat_models.map((line) => (
              <Line key={line.access} line={line} result={result} />
            ))}
          </tbody>
        </table>
      </div>
      {result.severity_note && <p className="text-ink-2 mt-2 max-w-[68ch] text-sm">{result.severity_note}</p>}
      <p className="text-ink-3 mt-1 text-xs">
        {result.release_plan ? `Declared: ${PLANS[result.release_plan] ?? result.release_plan}.` : "Nobody has said who will hold the weights; it is weighed like shared weights."}
      </p>
    </div>
  );
}

function Line({ line, result }: { line: ThreatModel; result: Result }) {
  const text = line.risk && figureText({ format: "share", ...line.risk });
  return (
    <tr data-figure={line.risk ? `threat.${line.access}` : undefined}>
      <td>{ACCESS[line.access]}</td>
      <td className="text-ink-2">{wordsOf(line, result)}</td>
      <td data-part="value" className="number whitespace-nowrap">
        {text?.value ?? "–"}
      </td>
      <td data-part="interval" className="number whitespace-nowrap">
        {text?.interval}
      </td>
      <td data-part="n" className="number">
        {line.risk && count(line.risk.n)}
      </td>
      <td>{line.severity ?? "–"}</td>
    </tr>
  );
}

/** What was done with this access. Older documents call an attack that nobody could judge "not tested". */
function wordsOf({ access, tested, attacks, risk, words }: ThreatModel, result: Result): string {
  if (tested) return risk ? attacks.join(", ") : (words ?? `${attacks.join(", ")}: attacked, but nothing could be judged`);
  if (access === "white-box" && result.risk === null && !result.stopped) return "attacked, but nothing could be judged";
  return "not tested";
}
