// Rank and margin of the submission under each verifier, and what the evaluator and the release
// themselves say.
import type { IdentityInFull } from "@/api/model";
import { decimal, signedDecimal } from "@/format/numbers";
import { YesNo } from "@/ui/YesNo";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";
import { Term } from "@/ui/Term";

type Judgement = IdentityInFull["judgements"][number];

export function Judgements({ identity }: { identity: IdentityInFull }) {
  const columns: Column<Judgement>[] = [
    {
      id: "judge",
      header: "Verifier",
      rowHeader: true,
      className: "font-medium",
      cell: ({ judge, kind }) => (
        <>
          {judge} {kind !== "verifier" && <span className="text-ink-3 font-normal">(uncalibrated)</span>}
          {judge === identity.verifier && <span className="text-ink-3 font-normal">decides</span>}
        </>
      ),
    },
    { id: "passed", header: <Term name="verified">Recognised</Term>, cell: ({ passed }) => <YesNo value={passed} /> },
    { id: "rank", header: "Rank", align: "end", cell: ({ rank }) => rank },
    { id: "similarity", header: <Term name="similarity">Similarity</Term>, align: "end", cell: ({ similarity }) => decimal(similarity) },
    { id: "threshold", header: <Term name="threshold">Threshold</Term>, align: "end", cell: ({ threshold }) => decimal(threshold) },
    {
      id: "margin",
      header: "Margin",
      align: "end",
      cell: ({ similarity, threshold }) => (similarity === null || threshold === null ? "–" : signedDecimal(similarity - threshold)),
    },
  ];
  return (
    <Section title="Under each verifier" aside={identity.strength === null ? undefined : <Term name="strength">Likeness {identity.strength.toFixed(1)}</Term>}>
      <DataTable
        caption="The submitted reconstruction under each verifier"
        columns={columns}
        rows={identity.judgements}
        rowKey={({ judge }) => judge}
        empty="Nothing was compared with private images."
        width="max-w-3xl min-w-[34rem]"
      />
    </Section>
  );
}
