// Who is exposed by name, strongest first: the p-value, and how stable the name is over restarts and seeds.
import type { Naming, NamedIdentity, Result } from "@/api/model";
import { capital, counted, nounOf } from "@/features/audits/noun";
import { decimal, plural, share } from "@/format/numbers";
import { Section } from "@/ui/Page";
import { Term } from "@/ui/Term";

const p = (value: number) => (value < 0.001 ? "<\u00a00.001" : decimal(value));

export function Named({ result }: { result: Result }) {
  const { named, naming, worst_decile: worst } = result;
  if (!named || result.evidence_level !== "verified" || result.stopped) return null;
  const noun = nounOf(result);
  return (
    <Section title="Exposed by name" aside={<Term name="named">{counted(named.length, noun)}</Term>}>
      {named.length === 0 ? (
        <p className="text-ink-2 max-w-[68ch] text-sm">
          No {noun.one} is verified and also more like its reconstruction than chance allows.
        </p>
      ) : (
        <>
          <p className="text-ink-2 mb-2 max-w-[68ch] text-sm">
            The mean is not the message: each {noun.one} rebuilt counts. {naming && expected(named.length, naming)}
          </p>
          <div className="max-h-96 max-w-4xl relative overflow-auto" tabIndex={0} role="region" aria-label="Exposed by name">
            <Table named={named} title={capital(noun.one)} />
          </div>
        </>
      )}
      {naming?.named_earlier_only && naming.named_earlier_only.length > 0 && (
        <p className="text-ink-2 mt-3 max-w-[68ch] text-sm">
          <span className="text-ink font-medium">Named with other seeds only. </span>
          {naming.named_earlier_only.join(", ")}
        </p>
      )}
      {worst && worst.length > 0 && (
        <p className="text-ink-2 mt-3 max-w-[68ch] text-sm">
          <span className="text-ink font-medium">The tenth with the strongest likeness. </span>
          {worst.join(", ")}
        </p>
      )}
    </Section>
  );
}

function expected(names: number, { false_discovery_rate: rate, expected_false: wrong }: Naming): string {
  return `At most ${share(rate)} of the names are expected to be wrong: ${Number(wrong.toFixed(2))} of these ${names}.`;
}

function Table({ named, title }: { named: readonly NamedIdentity[]; title: string }) {
  const restarts = named.some((one) => one.restarts);
  const seeds = named.some((one) => one.seeds);
  return (
    <table className="data-table min-w-[36rem]">
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" className="number">
            <Term name="strength">Likeness</Term>
          </th>
          <th scope="col" className="number">
            p
          </th>
          {restarts && (
            <th scope="col" className="number">
              Recognised in restarts
            </th>
          )}
          {seeds && (
            <th scope="col" className="number">
              Named with other seeds
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {named.map((one) => (
          <tr key={one.identity} data-named={one.identity}>
            <td className="font-medium">{one.name}</td>
            <td className="number">{one.strength.toFixed(1)}</td>
            <td className="number">{p(one.p_value)}</td>
            {restarts && <td className="number">{one.restarts ? `${one.restarts.recognised} of ${one.restarts.of}` : "–"}</td>}
            {seeds && <td className="number">{one.seeds ? `${one.seeds.named} of ${plural(one.seeds.of, "audit")}` : "–"}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
