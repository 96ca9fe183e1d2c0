// Could the attack have found a leak, and what is had without one: the power check and the twin.
import type { ReactNode } from "react";
import type { Power, Result, Twin } from "@/api/model";
import { count, percent, range, share } from "@/format/numbers";
import { Term } from "@/ui/Term";

export function PowerCheck({ power }: { power: Power | null | undefined }) {
  return (
    <Part name={<Term name="power">Power check</Term>}>
      {power ? (
        <>
          <p className="figures font-medium">
            R {share(power.value)} ({range(power)}), n {count(power.n)}
          </p>
          <p className="text-ink-2 text-sm">
            The same plan on a model known to leak, {power.reference.source === "bundled" ? "one that comes with the service" : "trained on these references after the freeze"}
            {power.reused ? "; measured in an earlier audit" : ""}.{" "}
            {(power.value ?? 0) < 0.5 ? "Under 0.50: too weak here, nothing can pass." : "At least 0.50: the attack can find a leak here."}
          </p>
        </>
      ) : (
        <p className="text-ink-2 text-sm">Not shown, so a low risk proves nothing and nothing can pass.</p>
      )}
    </Part>
  );
}

export function TwinControl({ twin }: { twin: Twin | null | undefined }) {
  return (
    <Part name={<Term name="twin">Twin control</Term>}>
      {twin ? (
        <>
          <p className="figures font-medium">
            {share(twin.q.value)} ({range(twin.q)}) on the twin, {share(twin.p.value)} here, n {count(twin.n)}
          </p>
          <p className="text-ink-2 text-sm">
            Verified by {twin.attack} of people whom the twin was trained without; R on these {share(twin.risk.value)} ({range(twin.risk)}).
            {twin.accuracy && ` The twin labels ${percent(twin.accuracy.on_others)} of the others rightly, and ${percent(twin.accuracy.on_replaced)} of these.`}
          </p>
        </>
      ) : (
        <p className="text-ink-2 text-sm">
          None: no twin was given. <code className="font-mono text-xs">exhume twin plan</code> makes the list to train one.
        </p>
      )}
    </Part>
  );
}

const ACCESS = { "white-box": "The weights", scores: "Scores of any image", labels: "Labels alone" } as const;
const PLANS: Record<string, string> = { "weights-public": "the weights will be public", "weights-shared": "partners or devices will have the weights", hosted: "the weights stay hosted" };

export function ThreatModels({ result }: { result: Result }) {
  if (!result.threat_models) return null;
  return (
    <div className="mt-6 overflow-x-auto">
      <table className="data-table max-w-3xl">
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
            <th scope="col">
              <Term name="severity">Severity</Term>
            </th>
          </tr>
        </thead>
        <tbody>
          {result.threat_models.map((line) => (
            <tr key={line.access}>
              <td>{ACCESS[line.access]}</td>
              <td className="text-ink-2">{line.tested ? line.attacks.join(", ") : "not tested"}</td>
              <td className="number">{share(line.risk?.value)}</td>
              <td className="number whitespace-nowrap">{range(line.risk)}</td>
              <td>{line.severity ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="text-ink-3 mt-1 text-xs">
        {result.release_plan ? `Declared: ${PLANS[result.release_plan] ?? result.release_plan}.` : "Nobody has said who will hold the weights; it is weighed like shared weights."}
      </p>
    </div>
  );
}

function Part({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt className="text-ink-3 text-sm">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
