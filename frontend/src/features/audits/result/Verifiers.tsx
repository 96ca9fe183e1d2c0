// Who judged: every rate that was measured of a verifier and of the evaluator, with interval and n.
import type { ReactNode } from "react";
import type { Figure, Result, ResultVerifier } from "@/api/model";
import { inOrder, labelOf } from "@/features/audits/figures";
import { Measured, MeasuredCells } from "@/features/audits/Measured";
import { counted, nounOf } from "@/features/audits/noun";
import { rateOf } from "@/features/audits/VerifierRate";
import { count, decimal, plural } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import { Term } from "@/ui/Term";

type Rates = [name: string, figure: Figure][];

/** Those with their intervals, in the order of the document; a result of an older version has two bare rates. */
function ratesOf(verifier: ResultVerifier): Rates {
  if (verifier.figures && Object.keys(verifier.figures).length > 0) return inOrder(verifier.figures);
  return (["rank1_on_references", "false_match_rate"] as const).flatMap((name) => {
    const figure = rateOf(undefined, name, verifier[name]);
    return figure ? [[name, figure]] : [];
  });
}

export function Verifiers({ result }: { result: Result }) {
  const noun = nounOf(result);
  const { evaluator } = result;
  const accuracy = evaluator && rateOf(evaluator.figures, "held_out_accuracy", evaluator.held_out_accuracy);
  return (
    <div className="mt-6">
      <div className="relative overflow-x-auto">
        <table className="data-table max-w-5xl min-w-[44rem]">
          <thead>
            <tr>
              <th scope="col">
                <Term name="verifier">Verifier</Term>
              </th>
              <th scope="col">Measured</th>
              <th scope="col" className="number">
                Value
              </th>
              <th scope="col" className="number">
                95 % interval
              </th>
              <th scope="col" className="number">
                n
              </th>
            </tr>
          </thead>
          <tbody>
            {result.verifiers.map((one) => (
              <Judge key={one.digest} name={one.name} rates={ratesOf(one)} words={<VerifierWords verifier={one} />} />
            ))}
            {evaluator && (
              <Judge
                name="evaluator"
                rates={evaluator.figures && Object.keys(evaluator.figures).length > 0 ? inOrder(evaluator.figures) : accuracy ? [["held_out_accuracy", accuracy]] : []}
                words={`The classifier behind “attack accuracy”: ${evaluator.label}.`}
              />
            )}
          </tbody>
        </table>
      </div>
      <Correction result={result} />
      {result.gallery && (
        <p className="text-ink-2 mt-2 max-w-[68ch] text-sm">
          They looked among {counted(result.gallery.identities, noun)} of the private images
          {result.gallery.others > 0 && ` and ${count(result.gallery.others)} others of a gallery`}
          {result.gallery.dropped_images > 0 && `; ${plural(result.gallery.dropped_images, "gallery image")} left out as private`}.
        </p>
      )}
    </div>
  );
}

function VerifierWords({ verifier }: { verifier: ResultVerifier }) {
  return (
    <>
      {typeof verifier.reason === "string" && <span className="block">Not asked. {verifier.reason}</span>}
      {typeof verifier.threshold === "number" && (
        <>
          <Term name="threshold">threshold</Term> {decimal(verifier.threshold)},{" "}
        </>
      )}
      <Digest digest={verifier.digest} className="align-middle" />
    </>
  );
}

function Judge({ name, rates, words }: { name: string; rates: Rates; words: ReactNode }) {
  const head = (
    <td rowSpan={Math.max(1, rates.length)} className="!align-top">
      <span className="font-medium">{name}</span>
      <span className="text-ink-3 block max-w-[40ch] text-xs">{words}</span>
    </td>
  );
  if (rates.length === 0) {
    return (
      <tr>
        {head}
        <td colSpan={4} className="text-ink-3">
          nothing
        </td>
      </tr>
    );
  }
  return rates.map(([rate, figure], at) => (
    <tr key={rate} data-figure={`${name}.${rate}`}>
      {at === 0 && head}
      <td className="!pl-3" title={figure.definition ?? undefined}>{labelOf(rate, figure)}</td>
      <MeasuredCells figure={figure} />
    </tr>
  ));
}

/** What the verifiers miss together, and R without the correction for it. */
function Correction({ result }: { result: Result }) {
  const correction = result.risk?.correction;
  if (!correction) return null;
  const sensitivity = rateOf(correction.figures, "sensitivity", correction.sensitivity);
  const uncorrected = rateOf(correction.figures, "uncorrected_risk", correction.uncorrected_risk);
  return (
    <p className="text-ink-2 mt-2 max-w-[68ch] text-sm">
      <Term name="sensitivity">Together they accept</Term> {sensitivity && <Measured id="correction.sensitivity" figure={sensitivity} />} of real images of
      the right identity. R is corrected for that; uncorrected it is {uncorrected && <Measured id="correction.uncorrected_risk" figure={uncorrected} />}.
    </p>
  );
}
