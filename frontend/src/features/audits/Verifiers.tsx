// Who judged: how often each is right on real images, with interval and n, its threshold, and its false matches.
import type { Result } from "@/api/model";
import { Measured } from "@/features/audits/Measured";
import { counted, nounOf } from "@/features/audits/noun";
import { rateOf, VerifierRate } from "@/features/audits/VerifierRate";
import { count, decimal, plural } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import { Term } from "@/ui/Term";

export function Verifiers({ result }: { result: Result }) {
  const noun = nounOf(result);
  const { evaluator } = result;
  const accuracy = evaluator && rateOf(evaluator.figures, "held_out_accuracy", evaluator.held_out_accuracy);
  return (
    <div className="mt-6">
      <div className="overflow-x-auto">
        <table className="data-table min-w-[52rem]">
          <thead>
            <tr>
              <th scope="col">
                <Term name="verifier">Verifier</Term>
              </th>
              <th scope="col" className="number">
                Right on real images
              </th>
              <th scope="col" className="number">
                <Term name="threshold">Threshold</Term>
              </th>
              <th scope="col" className="number">
                False matches
              </th>
              <th scope="col">SHA-256</th>
            </tr>
          </thead>
          <tbody>
            {result.verifiers.map((one) => (
              <tr key={one.digest}>
                <td className="font-medium">
                  {one.name}
                  {typeof one.reason === "string" && <span className="block max-w-[44ch] text-xs font-normal">Not asked. {one.reason}</span>}
                </td>
                <td className="number whitespace-nowrap">
                  <VerifierRate of={one} name="rank1_on_references" />
                </td>
                <td className="number">{decimal(one.threshold)}</td>
                <td className="number whitespace-nowrap">
                  <VerifierRate of={one} name="false_match_rate" />
                </td>
                <td>
                  <Digest digest={one.digest} />
                </td>
              </tr>
            ))}
            {evaluator && (
              <tr>
                <td>
                  <span className="font-medium">Evaluator</span>
                  <span className="text-ink-3 block text-xs">the classifier behind “attack accuracy”: {evaluator.label}</span>
                </td>
                <td className="number whitespace-nowrap">{accuracy ? <Measured id="evaluator.held_out_accuracy" figure={accuracy} /> : "–"}</td>
                <td className="number">–</td>
                <td className="number">–</td>
                <td />
              </tr>
            )}
          </tbody>
        </table>
      </div>
      <Correction result={result} />
      {result.gallery && (
        <p className="text-ink-2 mt-2 max-w-[68ch] text-sm">
          They looked among {counted(result.gallery.identities, noun)} of the private images and {count(result.gallery.others)} others of a gallery
          {result.gallery.dropped_images > 0 ? `; ${plural(result.gallery.dropped_images, "gallery image")} left out as private` : ""}.
        </p>
      )}
    </div>
  );
}

/** What the verifiers miss, and R without the correction for it. */
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
