// Samples of the prior while it is trained, and their distance to the public images.
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { PriorSamples as Samples } from "@/api/model";
import { priorSamplesQuery } from "@/features/audits/live/queries";
import { CoveredSheet } from "@/features/priors/CoveredSheet";
import { count, decimal } from "@/format/numbers";
import { Figure } from "@/plots/Figure";
import { SeriesPlot } from "@/plots/SeriesPlot";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { RoleMark } from "@/ui/Role";
import { Term } from "@/ui/Term";

/** Shows nothing before the first measurement. Samples of a prior that learns answers are covered. */
export function PriorSamples({ auditId }: { auditId: string }) {
  const { data: samples } = useQuery(priorSamplesQuery(auditId));
  if (!samples) return null;
  const first = samples.measured[0];
  return (
    <div className="mt-6">
      <h3 className="font-semibold">
        Samples of the prior at step <span className="figures">{count(samples.step)}</span> of{" "}
        <span className="figures">{count(samples.steps)}</span>
      </h3>
      <div className="mt-3 flex flex-wrap gap-x-8 gap-y-4">
        {samples.covered ? (
          <CoveredSheet key={samples.step} address={`/api/v1/audits/${auditId}/prior-samples/image`} label={sheetOf(samples.step)} className="w-56" />
        ) : (
          <Sheet key={samples.step} auditId={auditId} step={samples.step} />
        )}
        <div className="min-w-64 max-w-xl flex-1">
          <p>
            <Term name="kernelDistance">Kernel distance</Term> to the public images{" "}
            <span className="figures font-medium">{decimal(samples.kid)}</span>
            {first && first.step < samples.step && (
              <span className="text-ink-2 figures">
                , from {decimal(first.kid)} at step {count(first.step)}
              </span>
            )}
            . Nearer to 0 is closer.
          </p>
          {samples.measured.length > 1 && <Distances auditId={auditId} measured={samples.measured} />}
          <p className="text-ink-2 mt-4 text-sm">
            {samples.covered ? (
              <>
                The generator is trained on <RoleMark of="public" name="public images" /> only, and on the answers of this release to
                them. It gets no private image, but a sample may resemble a person whom the release knows. They are therefore covered.
              </>
            ) : (
              <>
                Samples of the generator are not covered. It is trained on <RoleMark of="public" name="public images" /> only and gets
                no private image.
              </>
            )}{" "}
            A prior that memorises may show a public image.
          </p>
        </div>
      </div>
    </div>
  );
}

/**
 * Each sheet replaces the one before at the same address. The step in the query makes the browser
 * ask again.
 */
function Sheet({ auditId, step }: { auditId: string; step: number }) {
  const [gone, setGone] = useState(false);
  return (
    <div className="bg-sunken flex size-56 shrink-0 items-center justify-center rounded-sm">
      {gone ? (
        <span className="text-ink-3 text-xs">Not available</span>
      ) : (
        <img
          src={`/api/v1/audits/${auditId}/prior-samples/image?step=${step}`}
          alt={sheetOf(step)}
          onError={() => setGone(true)}
          className="picture size-full object-contain"
        />
      )}
    </div>
  );
}

function sheetOf(step: number): string {
  return `Sixteen samples of the prior at step ${count(step)}, four by four`;
}

const DISTANCES: Column<Samples["measured"][number]>[] = [
  { id: "step", header: "Step", align: "end", rowHeader: true, cell: ({ step }) => count(step) },
  { id: "distance", header: "Kernel distance", align: "end", cell: ({ kid }) => decimal(kid) },
];

function Distances({ auditId, measured }: { auditId: string; measured: Samples["measured"] }) {
  const svg = useRef<SVGSVGElement>(null);
  const points = measured.map(({ step, kid }) => ({ x: step, y: kid }));
  return (
    <div className="mt-3">
      <Figure
        name={`${auditId}-prior`}
        caption="Kernel distance by step of the training."
        svgRef={svg}
        table={{ header: ["step", "kernel_distance"], body: measured.map(({ step, kid }) => [step, kid]) }}
        tableView={
          <DataTable
            caption="Kernel distance by step of the training"
            columns={DISTANCES}
            rows={measured}
            rowKey={({ step }) => step}
            width="max-w-sm"
          />
        }
      >
        <SeriesPlot points={points} title={`Kernel distance at ${count(points.length)} steps of the training`} svgRef={svg} />
      </Figure>
    </div>
  );
}
