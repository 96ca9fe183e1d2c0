// Who is exposed by name, each with a p-value, strongest first; and the tenth with the strongest likeness.
import type { Result } from "@/api/model";
import { plural } from "@/format/numbers";
import { Section } from "@/ui/Page";
import { Term } from "@/ui/Term";

const p = (value: number) => (value < 0.001 ? "< 0.001" : value.toFixed(3));

export function Named({ result }: { result: Result }) {
  const { named, worst_decile: worst } = result;
  if (!named || result.evidence_level !== "verified") return null;
  return (
    <Section title="Exposed by name" aside={<Term name="named">{plural(named.length, "person", "people")}</Term>}>
      {named.length === 0 ? (
        <p className="text-ink-2 text-sm">Nobody is more like their own reconstruction than chance allows.</p>
      ) : (
        <>
          <p className="text-ink-2 mb-2 max-w-[68ch] text-sm">The mean is not the message: one person rebuilt is one person harmed.</p>
          <div className="max-h-96 max-w-3xl overflow-auto" tabIndex={0} role="region" aria-label="Exposed by name">
            <table className="data-table">
              <thead>
                <tr>
                  <th scope="col">Identity</th>
                  <th scope="col" className="number">
                    p
                  </th>
                  <th scope="col" className="number">
                    Likeness, standard deviations above others
                  </th>
                </tr>
              </thead>
              <tbody>
                {named.map((one) => (
                  <tr key={one.identity}>
                    <td className="font-medium">{one.name}</td>
                    <td className="number">{p(one.p_value)}</td>
                    <td className="number">{one.strength.toFixed(1)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      {worst && worst.length > 0 && (
        <p className="text-ink-2 mt-3 max-w-[68ch] text-sm">
          <span className="text-ink font-medium">Strongest tenth. </span>
          {worst.join(", ")}
        </p>
      )}
    </Section>
  );
}
