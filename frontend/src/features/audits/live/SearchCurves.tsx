// The curves of the searches of an audit: loss and confidence by step, while they run and afterwards.
import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { type AttackCurves, byAttack, CSV_HEADER, csvRow, type CurveRow } from "@/features/audits/live/curves";
import { curvesQuery } from "@/features/audits/live/queries";
import { count, share } from "@/format/numbers";
import { BandPlot } from "@/plots/BandPlot";
import { Figure } from "@/plots/Figure";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";

/** Shows nothing before the first point, nor for audits of versions without curves. */
export function SearchCurves({ auditId, running }: { auditId: string; running: boolean }) {
  const { data } = useQuery(curvesQuery(auditId, running));
  const attacks = byAttack(data ?? []);
  if (attacks.length === 0) return null;
  return (
    <Section title="Searches" folds={!running}>
      <div className="space-y-8">
        {attacks.map((curves) => (
          <Attack key={curves.attack} auditId={auditId} curves={curves} />
        ))}
      </div>
    </Section>
  );
}

const number = (value: number) => Number(value.toPrecision(3)).toString();
const range = (spread: CurveRow["loss"], format: (value: number) => string) => `${format(spread.low)} to ${format(spread.high)}`;

const COLUMNS: Column<CurveRow>[] = [
  { id: "part", header: "Part", align: "end", cell: ({ part }) => part },
  { id: "step", header: "Step", align: "end", rowHeader: true, cell: ({ step }) => count(step) },
  { id: "rows", header: "Searches", align: "end", cell: ({ rows }) => count(rows) },
  { id: "loss", header: "Loss, median", align: "end", cell: ({ loss }) => number(loss.median) },
  { id: "loss-range", header: "Range", align: "end", className: "text-ink-2 whitespace-nowrap", cell: ({ loss }) => range(loss, number) },
  { id: "confidence", header: "Confidence, median", align: "end", cell: ({ confidence }) => share(confidence?.median) },
  { id: "confidence-range", header: "Range", align: "end", className: "text-ink-2 whitespace-nowrap", cell: ({ confidence }) => (confidence ? range(confidence, share) : "") },
];

function Attack({ auditId, curves }: { auditId: string; curves: AttackCurves }) {
  const loss = useRef<SVGSVGElement>(null);
  const confidence = useRef<SVGSVGElement>(null);
  const table = { header: CSV_HEADER, body: curves.rows.map(csvRow) };
  const tableView = (
    <DataTable caption={`Curves of ${curves.label}`} columns={COLUMNS} rows={curves.rows} rowKey={({ part, step }) => `${part}-${step}`} first={20} width="min-w-[40rem]" />
  );
  const parts = curves.loss.length > 1 ? " Each line is a part: kinds of restarts that are searched one after another." : "";
  return (
    <div>
      <h3 className="font-semibold">{curves.label}</h3>
      <div className="mt-3 grid gap-x-10 gap-y-6 lg:grid-cols-2">
        <Figure
          name={`${auditId}-loss-${curves.attack + 1}`}
          caption={`Loss of the attack by step: median and range over identities and restarts.${parts}`}
          svgRef={loss}
          table={table}
          tableView={tableView}
        >
          <BandPlot bands={curves.loss} title={`Loss of ${curves.label} by step`} format={number} svgRef={loss} />
        </Figure>
        {curves.confidence.length > 0 && (
          <Figure
            name={`${auditId}-confidence-${curves.attack + 1}`}
            caption="Confidence of the release that it sees the identity. An attack raises it. It does not prove likeness."
            svgRef={confidence}
            table={table}
            tableView={tableView}
          >
            <BandPlot bands={curves.confidence} title={`Confidence of the release by step, ${curves.label}`} format={share} domain={[0, 1]} svgRef={confidence} />
          </Figure>
        )}
      </div>
    </div>
  );
}
