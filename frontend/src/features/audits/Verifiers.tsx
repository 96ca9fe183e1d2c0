// The verifiers of an audit: how often they are right on real images, their thresholds, and on how many these rest.
import type { Result } from "@/api/model";
import { count, percent, plural, share } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import { Term } from "@/ui/Term";

export function Verifiers({ result }: { result: Result }) {
  return (
    <div className="mt-6 overflow-x-auto">
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">
              <Term name="verifier">Verifier</Term>
            </th>
            <th scope="col" className="number">
              Right on real images
            </th>
            <th scope="col" className="number">
              n
            </th>
            <th scope="col" className="number">
              <Term name="threshold">Threshold</Term>
            </th>
            <th scope="col" className="number">
              False matches
            </th>
            <th scope="col" className="number">
              Negatives
            </th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          {result.verifiers.map((verifier) => (
            <tr key={verifier.digest}>
              <td className="font-medium">
                {verifier.name}
                {typeof verifier.reason === "string" && <span className="block max-w-[44ch] text-xs font-normal">Refused. {verifier.reason}</span>}
              </td>
              <td className="number">{percent(verifier.rank1_on_references, 1)}</td>
              <td className="number">{count(verifier.references)}</td>
              <td className="number">{share(verifier.threshold)}</td>
              <td className="number">{percent(verifier.false_match_rate, 1)}</td>
              <td className="number">{count(verifier.negatives)}</td>
              <td>
                <Digest digest={verifier.digest} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {result.gallery && (
        <p className="text-ink-2 mt-2 text-sm">
          They looked among {plural(result.gallery.identities, "private person", "private people")} and {count(result.gallery.others)} others of a gallery
          {result.gallery.dropped_images > 0 ? `; ${plural(result.gallery.dropped_images, "gallery image")} left out as private` : ""}.
        </p>
      )}
    </div>
  );
}
