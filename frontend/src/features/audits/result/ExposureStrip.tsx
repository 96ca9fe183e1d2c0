// All identities by exposure: distance of each to the threshold of the deciding verifier.
import { type RefObject, useRef } from "react";
import type { IdentityOutcome, Noun } from "@/api/model";
import { IdentityLink } from "@/features/audits/identity/IdentityLink";
import { byExposure, isRanked } from "@/features/audits/result/exposure";
import { counted } from "@/features/audits/noun";
import { decimal, signedDecimal } from "@/format/numbers";
import { Figure } from "@/plots/Figure";
import { linear } from "@/plots/scale";
import { useWidth } from "@/plots/useWidth";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { YesNo } from "@/ui/YesNo";

const HEIGHT = 96;
const LEFT = 108;

interface Point {
  identity: IdentityOutcome;
  value: number;
}

interface Props {
  audit: string;
  identities: readonly IdentityOutcome[];
  noun: Noun;
}

const columnsOf = (audit: string): Column<Point>[] => [
  {
    id: "name",
    header: "Name",
    rowHeader: true,
    cell: ({ identity: { identity, name } }) => (
      <IdentityLink audit={audit} identity={identity}>
        {name}
      </IdentityLink>
    ),
  },
  { id: "margin", header: "Similarity minus threshold", align: "end", cell: ({ value }) => signedDecimal(value) },
  { id: "verified", header: "Recognised", cell: ({ identity }) => <YesNo value={identity.verified} /> },
];

export function ExposureStrip({ audit, identities, noun }: Props) {
  const svg = useRef<SVGSVGElement>(null);
  const points = byExposure(identities).flatMap((identity) => (identity.margin === null ? [] : [{ identity, value: identity.margin }]));
  if (points.length < 2) return null;
  const order = isRanked(identities) ? "strongest likeness first" : "in the order of the classes";
  const recognised = points.filter(({ identity }) => identity.verified === true).length;
  return (
    <div className="mb-4">
      <Figure
        name={`${audit}-exposure`}
        svgRef={svg}
        table={{
          header: ["identity", "name", "similarity_minus_threshold", "verified"],
          body: points.map(({ identity, value }) => [identity.identity, identity.name, value, identity.verified]),
        }}
        tableView={
          <DataTable
            caption="Similarity minus threshold"
            columns={columnsOf(audit)}
            rows={points}
            rowKey={({ identity }) => identity.identity}
            width="max-w-2xl"
            first={20}
          />
        }
        caption={
          <>
            From left to right: {order}. Height: similarity minus threshold, under the deciding verifier. Filled: recognised by every
            verifier, which also requires rank 1.
          </>
        }
      >
        <Strip audit={audit} points={points} title={`${counted(points.length, noun)}, ${order}; ${String(recognised)} recognised`} svgRef={svg} />
      </Figure>
    </div>
  );
}

function Strip({ audit, points, title, svgRef }: { audit: string; points: readonly Point[]; title: string; svgRef: RefObject<SVGSVGElement | null> }) {
  const [frame, width] = useWidth<HTMLDivElement>(860);
  const reach = Math.max(0.05, ...points.map(({ value }) => Math.abs(value)));
  const x = linear([0, points.length - 1], [LEFT, width - 8]);
  const y = linear([-reach, reach], [HEIGHT - 8, 8]);
  const radius = Math.max(1.5, Math.min(4, (width - LEFT) / points.length / 2.6));
  return (
    <div ref={frame}>
      <svg ref={svgRef} viewBox={`0 0 ${width} ${HEIGHT}`} width="100%" height={HEIGHT} role="group" aria-label={title} className="block">
        <line x1={LEFT - 8} x2={width} y1={y(0)} y2={y(0)} className="stroke-ink-3" strokeWidth="1" strokeDasharray="3 2" />
        <text x="0" y={y(0) + 4} className="fill-ink-2 text-xs">
          threshold
        </text>
        <text x="0" y={y(reach) + 6} data-axis="" className="fill-ink-3 text-xs">
          above by {decimal(reach)}
        </text>
        <text x="0" y={y(-reach) + 2} data-axis="" className="fill-ink-3 text-xs">
          below by {decimal(reach)}
        </text>
        {points.map(({ identity, value }, index) => (
          <IdentityLink key={identity.identity} audit={audit} identity={identity.identity} tabIndex={-1} label={`${identity.name}: ${signedDecimal(value)}`}>
            <circle
              cx={x(index)}
              cy={y(value)}
              r={radius}
              className={identity.verified ? "fill-ink stroke-ink" : "fill-page stroke-ink-3"}
              strokeWidth="1.25"
            >
              <title>{`${identity.name}: ${signedDecimal(value)}`}</title>
            </circle>
          </IdentityLink>
        ))}
      </svg>
    </div>
  );
}
