// This release against the one before: the difference of R over the people whom both audits share.
import { Link } from "@tanstack/react-router";
import type { Regression } from "@/api/model";
import { count, plural, range, share, signedShare } from "@/format/numbers";
import { CommandLine } from "@/ui/Copy";
import { Section } from "@/ui/Page";

function worse(difference: NonNullable<Regression["difference"]>): string {
  if ((difference.low ?? 0) > 0) return "This release exposes more.";
  if ((difference.high ?? 0) < 0) return "This release exposes less.";
  return "No difference is shown: the interval holds zero.";
}

export function ComparedReleases({ auditId, regression }: { auditId: string; regression: Regression | undefined }) {
  if (!regression) return null;
  const { difference, history = [] } = regression;
  return (
    <Section title="Against the release before">
      {difference ? (
        <p className="max-w-[68ch]">
          <span className="figures font-medium">
            R {signedShare(difference.value)} ({range(difference)})
          </span>{" "}
          against release {regression.version}, over {plural(regression.shared ?? 0, "shared person", "shared people")}; {count(regression.newly_exposed ?? 0)} newly
          exposed. {worse(difference)}
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
                <td className="number whitespace-nowrap">{range(one.risk)}</td>
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
