// All rates measured for the verifiers and the evaluator, with interval and n.
import type { ReactNode } from "react";
import type { CatalogueFigure, Result, ResultVerifier } from "@/api/model";
import { figureColumns } from "@/features/audits/figureColumns";
import { inOrder, labelOf } from "@/features/audits/figures";
import { Measured } from "@/features/audits/Measured";
import { counted, nounOf } from "@/features/audits/noun";
import { rateOf } from "@/features/audits/VerifierRate";
import { count, plural } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Term } from "@/ui/Term";

export function Verifiers({ result }: { result: Result }) {
  const noun = nounOf(result);
  const { evaluator } = result;
  return (
    <div className="mt-6">
      <DataTable
        caption="Measured rates of the verifiers"
        columns={COLUMNS}
        rows={[
          ...result.verifiers.flatMap((one, at) => rowsOf(`verifiers.${at}`, one.name, one.figures, <VerifierWords path={`verifiers.${at}`} verifier={one} />)),
          ...(evaluator ? rowsOf("evaluator", "evaluator", evaluator.figures, `The classifier behind “attack accuracy”: ${evaluator.label}.`) : []),
        ]}
        rowKey={({ name, rate }) => `${name}.${rate}`}
        rowProps={({ path, rate, figure }) => ({ "data-figure": figure ? `${path}.figures.${rate}` : undefined })}
        width="max-w-5xl min-w-[44rem]"
      />
      <Correction result={result} />
      {result.gallery && (
        <p className="text-ink-2 mt-2 max-w-[68ch] text-sm">
          They searched among {counted(result.gallery.identities, noun)} of the private images
          {result.gallery.others > 0 && ` and ${count(result.gallery.others)} others of a gallery`}.
          {result.gallery.dropped_images > 0 && ` ${plural(result.gallery.dropped_images, "gallery image was", "gallery images were")} left out as private.`}
        </p>
      )}
    </div>
  );
}

function VerifierWords({ path, verifier }: { path: string; verifier: ResultVerifier }) {
  return (
    <>
      {typeof verifier.reason === "string" && <span className="block">Not used. {verifier.reason}</span>}
      {typeof verifier.threshold === "number" && (
        <>
          <Term name="threshold">threshold</Term> <Measured id={`${path}.threshold`} figure={{ value: verifier.threshold, format: "number" }} />,{" "}
        </>
      )}
      <Digest digest={verifier.digest} className="align-middle" />
    </>
  );
}

/** One rate. The name of its verifier spans all of its rates. */
interface Row {
  /** Path of the verifier in the result. */
  path: string;
  name: string;
  words: ReactNode;
  /** Number of rates of the verifier at its first one, 0 at the others. */
  rates: number;
  rate: string;
  figure: CatalogueFigure | null;
}

/** Results of older versions have no rates with intervals. */
function rowsOf(path: string, name: string, figures: Record<string, CatalogueFigure>, words: ReactNode): Row[] {
  const rates = inOrder(figures);
  if (rates.length === 0) return [{ path, name, words, rates: 1, rate: "", figure: null }];
  return rates.map(([rate, figure], at) => ({ path, name, words, rates: at === 0 ? rates.length : 0, rate, figure }));
}

const COLUMNS: Column<Row>[] = [
  {
    id: "verifier",
    header: <Term name="verifier">Verifier</Term>,
    rowHeader: true,
    className: "!align-top",
    span: ({ rates }) => ({ rows: rates }),
    cell: ({ name, words }) => (
      <>
        <span className="font-medium">{name}</span>
        <span className="text-ink-3 block max-w-[40ch] text-xs">{words}</span>
      </>
    ),
  },
  {
    id: "measured",
    header: "Measured",
    className: "!pl-3",
    cell: ({ figure }) =>
      figure ? <span title={figure.definition}>{labelOf(figure)}</span> : <span className="text-ink-3">none</span>,
  },
  ...figureColumns<Row>(({ figure }) => figure),
];

/** Shows the joint sensitivity of the verifiers, and R without the correction for it. */
function Correction({ result }: { result: Result }) {
  const correction = result.risk?.correction;
  if (!correction) return null;
  const sensitivity = rateOf(correction.figures, "sensitivity", correction.sensitivity);
  const uncorrected = rateOf(correction.figures, "uncorrected_risk", correction.uncorrected_risk);
  return (
    <p className="text-ink-2 mt-2 max-w-[68ch] text-sm">
      <Term name="sensitivity">Together they accept</Term> {sensitivity && <Measured id={correction.figures.sensitivity ? "risk.correction.figures.sensitivity" : "risk.correction.sensitivity"} figure={sensitivity} />} of real images of
      the right identity. R is corrected for this. Uncorrected, it is {uncorrected && <Measured id={correction.figures.uncorrected_risk ? "risk.correction.figures.uncorrected_risk" : "risk.correction.uncorrected_risk"} figure={uncorrected} />}.
    </p>
  );
}
