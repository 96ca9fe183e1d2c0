// This release against the one before: the difference of R over those that both audits share.
import { Link } from "@tanstack/react-router";
import type { Figure, Result } from "@/api/model";
import { Measured } from "@/features/audits/Measured";
import { counted, nounOf } from "@/features/audits/noun";
import { count, share, span } from "@/format/numbers";
import { CommandLine } from "@/ui/Copy";
import { Section } from "@/ui/Page";

function worse({ low, high }: Figure): string {
  if ((low ?? 0) > 0) return "This release exposes more.";
  if ((high ?? 0) < 0) return "This release exposes less.";
  return "No difference is shown: the interval contains zero.";
}

/** Nothing where the document says that they cannot be compared, because the model does not know its own images. */
export function ComparedReleases({ auditId, result }: { auditId: string; result: Result }) {
  const { regression } = result;
  if (!regression || result.stopped) return null;
  if (!regression.difference && result.fit && result.fit.state !== "trained") return null; // R says nothing of the model that it names
  const { history = [] } = regression;
  const difference: Figure | null = regression.difference ? { ...regression.difference, format: "difference" } : null;
  return (
    <Section title="Against the release before">
      {difference ? (
        <p className="max-w-[68ch]">
          <span className="font-medium">
            R <Measured id="regression.difference" figure={difference} />
          </span>{" "}
          against release {regression.version}, over the {counted(regression.shared ?? 0, nounOf(result))} of both audits;{" "}
          {count(regression.newly_exposed ?? 0)} newly exposed. {worse(difference)}
        </p>
      ) : (
        <p className="text-ink-2 max-w-[68ch] text-sm">{regression.reason}</p>
      )}
      {history.length > 0 && (
        <table className="data-table mt-3 max-w-2xl">
          <caption className="sr-only">Earlier releases measured in the same way, oldest first</caption>
          <thead>
            <tr>
              <th scope="col">Release</th>
              <th scope="col">Verdict</th>
              <th scope="col" className="number">
                R
              </th>
              <th scope="col" className="number">
                95 % interval
              </th>
            </tr>
          </thead>
          <tbody>
            {history.map((one) => (
              <tr key={one.audit}>
                <td>
                  <Link to="/audits/$auditId" params={{ auditId: one.audit }} className="text-accent hover:underline">
                    {one.version}
                  </Link>
                </td>
                <td>{one.verdict}</td>
                <td className="number">{share(one.risk.value)}</td>
                <td className="number whitespace-nowrap">{span(one.risk)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className="mt-4 max-w-xl">
        <CommandLine command={`exhume audit regression ${auditId}`} />
      </div>
    </Section>
  );
}
