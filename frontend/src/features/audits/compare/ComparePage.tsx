// Two audits side by side: R over the identities of both, who changed, and how the plans differ.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useRef } from "react";
import type { Comparison } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { ChangedIdentities } from "@/features/audits/compare/ChangedIdentities";
import { comparisonQuery } from "@/features/audits/compare/queries";
import { Settings } from "@/features/audits/compare/Settings";
import { figureColumns } from "@/features/audits/figureColumns";
import { Measured } from "@/features/audits/Measured";
import { nounOf } from "@/features/audits/noun";
import { resultQuery } from "@/features/audits/queries";
import { count, givenShare } from "@/format/numbers";
import { Figure } from "@/plots/Figure";
import { IntervalPlot } from "@/plots/IntervalPlot";
import { type PlotRow, rowsToTable } from "@/plots/rows";
import type { Column } from "@/ui/column";
import { CommandLine } from "@/ui/Copy";
import { DataTable } from "@/ui/DataTable";
import { Loading, Section } from "@/ui/Page";

export function ComparePage() {
  const { auditId, otherId } = useParams({ from: "/signed-in/audits/$auditId/compare/$otherId" });
  const found = useQuery(comparisonQuery(auditId, otherId));
  const { data: result } = useQuery(resultQuery(auditId, found.isSuccess));
  if (found.isPending) return <Loading what="the comparison" />;
  if (!found.data) return <PageProblem error={found.error} what="comparison" />;
  const { first, second, sentence, changes } = found.data;
  const noun = nounOf(result);
  return (
    <>
      <title>{`${first.target} ${first.version} and ${second.target} ${second.version} · Exhume`}</title>
      <div className="text-ink-2 mb-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-2 text-sm">
        <p className="flex flex-wrap items-center gap-x-2">
          <SideLink side={first} /> <span className="text-ink-3">and then</span> <SideLink side={second} />
        </p>
        <Link
          to="/audits/$auditId/compare/$otherId"
          params={{ auditId: otherId, otherId: auditId }}
          className="text-accent rounded-sm underline-offset-2 hover:underline"
        >
          Swap the two
        </Link>
      </div>
      <h1 className="max-w-[54rem] text-2xl leading-[1.35] font-medium tracking-[-0.018em] text-pretty">{sentence}</h1>
      {found.data.difference && (
        <p className="text-ink-2 mt-3">
          R of the second minus R of the first: <Measured id="difference" figure={found.data.difference} />.
        </p>
      )}
      {found.data.notes.map((note) => (
        <p key={note} className="text-ink-2 mt-3 max-w-[72ch]">
          {note}
        </p>
      ))}
      <Risks comparison={found.data} />
      <Settings auditId={auditId} />
      <ChangedIdentities comparison={found.data} noun={noun} />
      <Section title="Differences between the plans">
        <DataTable
          caption="Differences between the plans and their inputs"
          columns={CHANGES}
          rows={changes}
          rowKey={({ what }) => what}
          empty="The plans and their inputs are the same."
          width="max-w-4xl min-w-[34rem]"
        />
      </Section>
      <div className="mt-8 max-w-xl">
        <CommandLine command={`exhume audit compare ${auditId} ${otherId}`} />
      </div>
    </>
  );
}

function SideLink({ side }: { side: Comparison["first"] }) {
  return (
    <Link to="/audits/$auditId" params={{ auditId: side.audit }} className="text-ink inline-block rounded-sm py-0.5 font-medium underline-offset-2 hover:underline">
      {side.target} {side.version}
    </Link>
  );
}

const CHANGES: Column<Comparison["changes"][number]>[] = [
  { id: "what", header: "Difference", rowHeader: true, cell: ({ what }) => what },
  { id: "first", header: "First", cell: ({ first }) => first },
  { id: "second", header: "Second", cell: ({ second }) => second },
];

const COLUMNS: Column<PlotRow>[] = [
  { id: "name", header: "Audit", rowHeader: true, cell: ({ label, note }) => `${label}, ${note ?? ""}` },
  ...figureColumns<PlotRow>((row) => row, "R"),
];

/** Shows R of each audit over all of its own identities. */
function Risks({ comparison }: { comparison: Comparison }) {
  const svg = useRef<SVGSVGElement>(null);
  const { first, second, difference, shared } = comparison;
  const rows = ([["First", first], ["Second", second]] as const).flatMap(([order, { risk, target, version, attacks, identities, verdict }]) =>
    risk.value === null
      ? []
      : [
          {
            key: order,
            label: `${order}: ${target} ${version}`,
            note: `${verdict ?? "no verdict"}, ${attacks.join("; ")}`,
            kind: "measured" as const,
            value: risk.value,
            low: risk.low,
            high: risk.high,
            n: identities,
          },
        ],
  );
  if (rows.length === 0) return null;
  return (
    <Section title="R of each audit">
      <Figure
        name={`${first.audit}-${second.audit}`}
        svgRef={svg}
        table={rowsToTable(rows)}
        tableView={<DataTable caption="R of each audit" columns={COLUMNS} rows={rows} rowKey={({ key }) => key} width="max-w-3xl" />}
        caption={`Each over all of its own identities, corrected for errors of the verifiers.${difference ? ` The difference above is over the ${count(shared)} identities of both.` : ""}`}
      >
        <IntervalPlot rows={rows} budget={second.budget} verdict={null} title={`R of both audits, against a budget of ${givenShare(second.budget)}`} svgRef={svg} />
      </Figure>
    </Section>
  );
}
