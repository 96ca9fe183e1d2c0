// R of audits of one release that differ in their setting alone, side by side.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import { releaseAuditsQuery } from "@/features/audits/compare/queries";
import { settingsBeside } from "@/features/audits/compare/settingsBeside";
import { figureColumns } from "@/features/audits/figureColumns";
import { auditQuery } from "@/features/audits/queries";
import { SETTING_WORDS, settingsOf } from "@/features/audits/settings";
import { givenShare } from "@/format/numbers";
import { Figure } from "@/plots/Figure";
import { IntervalPlot } from "@/plots/IntervalPlot";
import { type PlotRow, rowsToTable } from "@/plots/rows";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";

const ORDER = Object.values(SETTING_WORDS).map(({ name }) => name);

export function Settings({ auditId }: { auditId: string }) {
  const svg = useRef<SVGSVGElement>(null);
  const { data: audit } = useQuery(auditQuery(auditId));
  const { data: all = [] } = useQuery({ ...releaseAuditsQuery(audit?.project_id ?? "", audit?.release.id ?? ""), enabled: audit !== undefined });
  const own = all.find(({ id }) => id === auditId);
  const beside = own ? settingsBeside(own, all) : [];
  if (beside.length < 2) return null;
  const rows = beside
    .map(({ id, plan, verdict, risk, risk_low: low, risk_high: high }) => ({
      key: id,
      label: settingsOf(plan),
      note: verdict ?? "",
      kind: "measured" as const,
      value: risk ?? 0,
      low,
      high,
      n: plan.identity_count,
    }))
    .sort((one, other) => ORDER.indexOf(one.label) - ORDER.indexOf(other.label));
  const columns: Column<PlotRow>[] = [
    {
      id: "name",
      header: "Setting",
      rowHeader: true,
      cell: ({ key, label }) =>
        key === auditId ? (
          label
        ) : (
          <Link to="/audits/$auditId/compare/$otherId" params={{ auditId, otherId: key }} className="text-accent hover:underline">
            {label}
          </Link>
        ),
    },
    ...figureColumns<PlotRow>((row) => row, "R"),
  ];
  const budget = own?.plan.budget ?? 0;
  return (
    <Section title="Settings side by side">
      <Figure
        name={`${auditId}-settings`}
        svgRef={svg}
        table={rowsToTable(rows)}
        tableView={<DataTable caption="R in each setting" columns={columns} rows={rows} rowKey={({ key }) => key} width="max-w-3xl" />}
        caption="Audits of this release whose plans differ in nothing but the setting of the attack."
      >
        <IntervalPlot rows={rows} budget={budget} verdict={null} title={`R in each setting, against a budget of ${givenShare(budget)}`} svgRef={svg} />
      </Figure>
    </Section>
  );
}
