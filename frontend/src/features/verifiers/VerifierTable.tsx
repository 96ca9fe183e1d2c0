// Verifiers with what the last audit measured of them: how often they are right, threshold, and on how many.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { BundledVerifier, Verifier } from "@/api/model";
import type { Measured } from "@/features/verifiers/queries";
import { decimal } from "@/format/numbers";
import { VerifierRate } from "@/features/audits/VerifierRate";
import { Digest } from "@/ui/Copy";
import { IntakeMark } from "@/ui/IntakeMark";
import { Notice, ProblemDetails } from "@/ui/Notice";
import { Term } from "@/ui/Term";

interface TableProps {
  caption: string;
  children: ReactNode;
}

const COLUMNS = 8;

export function VerifierTable({ caption, children }: TableProps) {
  return (
    <div className="-mx-2 relative overflow-x-auto px-2">
      <table className="data-table min-w-[58rem]">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col" className="number">
              Takes, px
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
            <th scope="col">Measured in</th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

interface RowProps {
  name: string;
  state: ReactNode;
  takes: { height: number | null; width: number | null; channels: number | null };
  digest: string | null;
  measured: Measured | null;
}

function Cells({ name, state, takes, digest, measured }: RowProps) {
  const said = measured?.verifier;
  return (
    <tr>
      <td className="font-medium">{name}</td>
      <td>{state}</td>
      <td className="number whitespace-nowrap">
        {takes.height === null ? "–" : `${takes.height} × ${takes.width ?? "?"} × ${takes.channels ?? "?"}`}
      </td>
      <td className="number whitespace-nowrap">{said ? <VerifierRate of={said} name="rank1_on_references" /> : "–"}</td>
      <td className="number">{said?.refused ? "not asked: guesses" : decimal(said?.threshold)}</td>
      <td className="number whitespace-nowrap">{said ? <VerifierRate of={said} name="false_match_rate" /> : "–"}</td>
      <td>
        {measured ? (
          <Link to="/audits/$auditId" params={{ auditId: measured.audit }} className="text-accent text-sm hover:underline">
            an audit
          </Link>
        ) : (
          <span className="text-ink-3 text-sm">no audit yet</span>
        )}
      </td>
      <td>{digest ? <Digest digest={digest} /> : "–"}</td>
    </tr>
  );
}

export function UploadedRow({ row, measured }: { row: Verifier; measured: Measured | null }) {
  return (
    <>
      <Cells name={row.name} state={<IntakeMark state={row.state} />} takes={row} digest={row.sha256} measured={measured} />
      {row.state === "refused" && (
        <tr className="hover:!bg-transparent">
          <td colSpan={COLUMNS} className="!pb-4">
            <Notice title={row.problem?.title ?? "Refused"}>
              {row.problem && <ProblemDetails problem={row.problem} />}
              <p className="mt-1">Nothing of the file is kept. Fix it and upload it again. If you give no name, a number is added to that of the file.</p>
            </Notice>
          </td>
        </tr>
      )}
    </>
  );
}

export function BundledRow({ row, measured }: { row: BundledVerifier; measured: Measured | null }) {
  return <Cells name={row.name} state="Bundled" takes={row} digest={row.digest} measured={measured} />;
}
