// The columns of the identity table, with the figures of the deciding verifier.
import type { IdentityOutcome } from "@/api/model";
import { IdentityLink } from "@/features/audits/identity/IdentityLink";
import { decimal } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { Term } from "@/ui/Term";
import { YesNo } from "@/ui/YesNo";

/** The columns of the table of an audit. */
export const identityColumns = (audit: string): Column<IdentityOutcome>[] => [
  {
    id: "name",
    header: "Name",
    rowHeader: true,
    className: "font-medium",
    cell: ({ name, identity }) => (
      <IdentityLink audit={audit} identity={identity}>
        {name}
      </IdentityLink>
    ),
    sort: { words: "name", value: ({ name }) => name },
  },
  {
    id: "verified",
    header: <Term name="verified">Verified</Term>,
    cell: ({ verified }) => <YesNo value={verified} yes="recognised" />,
    sort: { words: "verified", value: ({ verified }) => verified, downFirst: true },
  },
  {
    id: "strength",
    header: <Term name="strength">Likeness</Term>,
    align: "end",
    cell: ({ strength }) => strength?.toFixed(1) ?? "–",
    sort: { words: "likeness", value: ({ strength }) => strength, downFirst: true },
  },
  {
    id: "similarity",
    header: <Term name="similarity">Similarity</Term>,
    align: "end",
    cell: ({ similarity }) => decimal(similarity),
    sort: { words: "similarity", value: ({ similarity }) => similarity, downFirst: true },
  },
  {
    id: "threshold",
    header: <Term name="threshold">Threshold</Term>,
    align: "end",
    cell: ({ threshold }) => decimal(threshold),
    sort: { words: "threshold", value: ({ threshold }) => threshold, downFirst: true },
  },
  {
    id: "rank",
    header: "Rank",
    align: "end",
    cell: ({ rank }) => rank ?? "–",
    sort: { words: "rank", value: ({ rank }) => rank, downFirst: true },
  },
  {
    id: "verifier",
    header: <Term name="deciding">Decided by</Term>,
    cell: ({ verifier }) => <span className="text-ink-2 text-xs">{verifier ?? "–"}</span>,
    sort: { words: "decided by", value: ({ verifier }) => verifier },
  },
  {
    id: "control",
    header: <Term name="control">Control</Term>,
    cell: (row) => <YesNo value={row.control_verified} yes="too" />,
    sort: { words: "control", value: (row) => row.control_verified, downFirst: true },
  },
  {
    id: "evaluator",
    header: <Term name="uncalibrated">Evaluator</Term>,
    cell: (row) => <YesNo value={row.evaluator_top1} />,
    sort: { words: "evaluator", value: (row) => row.evaluator_top1, downFirst: true },
  },
  {
    id: "target",
    header: "Model itself",
    cell: (row) => <YesNo value={row.target_top1} />,
    sort: { words: "model itself", value: (row) => row.target_top1, downFirst: true },
  },
];

/** Return the identities as CSV, in full precision. */
export function identityCsv(rows: readonly IdentityOutcome[]) {
  return {
    header: ["identity", "name", "verified", "likeness", "similarity", "threshold", "rank", "verifier", "control_verified", "evaluator_top1", "evaluator_top5", "target_top1"],
    body: rows.map((row) => [
      row.identity,
      row.name,
      row.verified,
      row.strength,
      row.similarity,
      row.threshold,
      row.rank,
      row.verifier,
      row.control_verified,
      row.evaluator_top1,
      row.evaluator_top5,
      row.target_top1,
    ]),
  };
}
