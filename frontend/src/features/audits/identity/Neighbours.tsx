// The identities of the gallery that each verifier finds most similar to the submission.
import { useRef } from "react";
import type { Audit, IdentityInFull, Noun } from "@/api/model";
import { IdentityLink } from "@/features/audits/identity/IdentityLink";
import { decimal } from "@/format/numbers";
import { Figure } from "@/plots/Figure";
import { NeighbourPlot } from "@/features/audits/identity/NeighbourPlot";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";

type Judgement = IdentityInFull["judgements"][number];

interface Props {
  audit: Audit;
  identity: IdentityInFull;
  noun: Noun;
}

export function Neighbours({ audit, identity, noun }: Props) {
  const judged = identity.judgements.filter(({ neighbours }) => neighbours.length > 0);
  if (judged.length === 0) return null;
  return (
    <Section title="Most similar of the gallery">
      <div className="grid gap-x-10 gap-y-8 lg:grid-cols-2">
        {judged.map((one) => (
          <OfVerifier key={one.judge} audit={audit} identity={identity} judgement={one} noun={noun} />
        ))}
      </div>
    </Section>
  );
}

function OfVerifier({ audit, identity, judgement, noun }: Props & { judgement: Judgement }) {
  const svg = useRef<SVGSVGElement>(null);
  const rows = judgement.neighbours.map(({ identity: number, name, similarity }, at) => ({
    key: String(at),
    identity: number,
    own: number === identity.identity,
    label: name ?? `another ${noun.one} of the gallery`,
    similarity,
  }));
  const attacked = new Set(audit.plan.identities);
  const columns: Column<(typeof rows)[number]>[] = [
    {
      id: "name",
      header: "Most similar",
      rowHeader: true,
      cell: ({ label, own, identity: number }) =>
        !own && number !== null && attacked.has(number) ? (
          <IdentityLink audit={audit.id} identity={number}>
            {label}
          </IdentityLink>
        ) : (
          label
        ),
    },
    { id: "similarity", header: "Similarity", align: "end", cell: ({ similarity }) => decimal(similarity) },
  ];
  return (
    <Figure
      name={`${audit.id}-${String(identity.identity)}-${judgement.judge}`}
      svgRef={svg}
      table={{
        header: ["rank", "identity", "name", "similarity", "threshold"],
        body: rows.map((row, at) => [at + 1, row.identity, row.label, row.similarity, judgement.threshold]),
      }}
      tableView={<DataTable caption={`Most similar under ${judgement.judge}`} columns={columns} rows={rows} rowKey={({ key }) => key} />}
      caption={
        <>
          Under {judgement.judge}, with its threshold of {decimal(judgement.threshold)}.
        </>
      }
    >
      <NeighbourPlot rows={rows} threshold={judgement.threshold} title={`The ${String(rows.length)} most similar of the gallery under ${judgement.judge}`} svgRef={svg} />
    </Figure>
  );
}
