// All rates measured for the verifiers and the evaluator, with interval and n.
import type { ReactNode } from "react";
import type { Figure, Result, ResultVerifier } from "@/api/model";
import { figureColumns } from "@/features/audits/figureColumns";
import { inOrder, labelOf } from "@/features/audits/figures";
import { Measured } from "@/features/audits/Measured";
import { counted, nounOf } from "@/features/audits/noun";
import { rateOf } from "@/features/audits/VerifierRate";
import { count, decimal, plural } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Term } from "@/ui/Term";

type Rates = [name: string, figure: Figure][];

/**
 * Return the rates with their intervals, in the order of the document. Results of older versions
 * have two bare rates.
 */
function ratesOf(verifier: ResultVerifier): Rates {
  if (Object.keys(verifier.figures).length > 0) return inOrder(verifier.figures);
  return (["rank1_on_references", "false_match_rate"] as const).flatMap((name) => {
    const figure = rateOf(undefined, name, verifier[name]);
    return figure ? [[name, figure]] : [];
  });
}

function ratesOfEvaluator({ figures, held_out_accuracy }: NonNullable<Result["evaluator"]>): Rates {
  if (Object.keys(figures).length > 0) return inOrder(figures);
  const accuracy = rateOf(undefined, "held_out_accuracy", held_out_accuracy);
  return accuracy ? [["held_out_accuracy", accuracy]] : [];
}

export function Verifiers({ result }: { result: Result }) {
  const noun = nounOf(result);
  const { evaluator } = result;
  return (
    <div className="mt-6">
      <DataTable
        caption="Measured rates of the verifiers"
        columns={COLUMNS}
        rows={[
          ...result.verifiers.flatMap((one) => rowsOf(one.name, ratesOf(one), <VerifierWords verifier={one} />)),
          ...(evaluator ? rowsOf("evaluator", ratesOfEvaluator(evaluator), `The classifier behind “attack accuracy”: ${evaluator.label}.`) : []),
        ]}
        rowKey={({ name, rate }) => `${name}.${rate}`}
        rowProps={({ name, rate, figure }) => ({ "data-figure": figure ? `${name}.${rate}` : undefined })}
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

function VerifierWords({ verifier }: { verifier: ResultVerifier }) {
  return (
    <>
      {typeof verifier.reason === "string" && <span className="block">Not used. {verifier.reason}</span>}
      {typeof verifier.threshold === "number" && (
        <>
          <Term name="threshold">threshold</Term> {decimal(verifier.threshold)},{" "}
        </>
      )}
      <Digest digest={verifier.digest} className="align-middle" />
    </>
  );
}

/** One rate. The name of its verifier spans all of its rates. */
interface Row {
  name: string;
  words: ReactNode;
  /** Number of rates of the verifier at its first one, 0 at the others. */
  rates: number;
  rate: string;
  figure: Figure | null;
}

function rowsOf(name: string, rates: Rates, words: ReactNode): Row[] {
  if (rates.length === 0) return [{ name, words, rates: 1, rate: "", figure: null }];
  return rates.map(([rate, figure], at) => ({ name, words, rates: at === 0 ? rates.length : 0, rate, figure }));
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
    cell: ({ rate, figure }) =>
      figure ? <span title={figure.definition ?? undefined}>{labelOf(rate, figure)}</span> : <span className="text-ink-3">none</span>,
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
      <Term name="sensitivity">Together they accept</Term> {sensitivity && <Measured id="correction.sensitivity" figure={sensitivity} />} of real images of
      the right identity. R is corrected for this. Uncorrected, it is {uncorrected && <Measured id="correction.uncorrected_risk" figure={uncorrected} />}.
    </p>
  );
}
