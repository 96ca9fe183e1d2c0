// The difference in R to the release before, over the identities of both audits.
import { Link } from "@tanstack/react-router";
import type { Figure, Regression, Result } from "@/api/model";
import { Measured } from "@/features/audits/Measured";
import { counted, nounOf } from "@/features/audits/noun";
import { count, share, span } from "@/format/numbers";
import { CommandLine } from "@/ui/Copy";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";

type Earlier = NonNullable<Regression["history"]>[number];

const COLUMNS: Column<Earlier>[] = [
  {
    id: "release",
    header: "Release",
    rowHeader: true,
    cell: ({ audit, version }) => (
      <Link to="/audits/$auditId" params={{ auditId: audit }} className="text-accent hover:underline">
        {version}
      </Link>
    ),
  },
  { id: "verdict", header: "Verdict", cell: ({ verdict }) => verdict },
  { id: "risk", header: "R", align: "end", cell: ({ risk }) => <span data-part="value">{share(risk.value)}</span> },
  { id: "interval", header: "95 % interval", align: "end", className: "whitespace-nowrap", cell: ({ risk }) => span(risk) },
];

function worse({ low, high }: Figure): string {
  if ((low ?? 0) > 0) return "This release exposes more.";
  if ((high ?? 0) < 0) return "This release exposes less.";
  return "The difference is not significant: the interval contains zero.";
}

/**
 * Shows nothing where the release does not recognise its own training images: then R says nothing
 * about it.
 */
export function ComparedReleases({ auditId, result }: { auditId: string; result: Result }) {
  const { regression } = result;
  if (!regression || result.stopped) return null;
  if (!regression.difference && result.fit && result.fit.state !== "trained") return null;
  const { history = [] } = regression;
  const difference: Figure | null = regression.difference ? { ...regression.difference, format: "difference" } : null;
  return (
    <Section title="Compared with the release before" folds>
      {difference ? (
        <p className="max-w-[68ch]">
          <span className="font-medium">
            R <Measured id="regression.difference" figure={difference} />
          </span>{" "}
          against release {regression.version}, over the {counted(regression.shared ?? 0, nounOf(result))} of both audits,{" "}
          {count(regression.newly_exposed ?? 0)} newly exposed. {worse(difference)}
        </p>
      ) : (
        <p className="text-ink-2 max-w-[68ch] text-sm">{regression.reason}</p>
      )}
      {history.length > 0 && (
        <DataTable
          caption="Earlier releases measured in the same way, oldest first"
          columns={COLUMNS}
          rows={history}
          rowKey={({ audit }) => audit}
          rowProps={(one) => ({ "data-figure": `regression.history.${history.indexOf(one)}.risk` })}
          width="max-w-2xl"
          className="mt-3"
        />
      )}
      <div className="mt-4 max-w-xl">
        <CommandLine command={`exhume audit regression ${auditId}`} />
      </div>
    </Section>
  );
}
