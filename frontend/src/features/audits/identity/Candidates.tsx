// All reconstructions of the identity, submitted or not.
import type { Audit, IdentityInFull } from "@/api/model";
import { RevealedPicture } from "@/features/audits/identity/Reveals";
import { count, decimal, share } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";
import { Term } from "@/ui/Term";
import { YesNo } from "@/ui/YesNo";

type Candidate = IdentityInFull["candidates"][number];

export function Candidates({ audit, identity }: { audit: Audit; identity: IdentityInFull }) {
  const several = audit.plan.attacks.length > 1;
  const columns: Column<Candidate>[] = [
    {
      id: "picture",
      header: "Picture",
      cell: ({ id, restart, image_available: there }) => (
        <RevealedPicture
          address={there ? `/api/v1/reconstructions/${id}/image` : null}
          label={`Restart ${String(restart)} of ${identity.name}`}
          missing="Deleted"
          className="w-20"
        />
      ),
    },
    ...(several ? [attackColumn(audit)] : []),
    {
      id: "restart",
      header: "Restart",
      rowHeader: true,
      className: "figures",
      cell: ({ restart, submitted }) => (
        <>
          {count(restart)}
          {submitted && <span className="text-ink-2 block text-xs">submitted</span>}
        </>
      ),
    },
    { id: "score", header: "Score of the release", align: "end", cell: ({ target_score: score }) => decimal(score) },
    { id: "confidence", header: "Confidence", align: "end", cell: ({ target_confidence: value }) => share(value) },
    { id: "recognised", header: <Term name="verified">Verified</Term>, cell: ({ recognised }) => <YesNo value={recognised} yes="recognised" /> },
    {
      id: "ranks",
      header: "Rank under each verifier",
      className: "text-ink-2 figures text-xs",
      cell: ({ scores }) =>
        scores
          .filter(({ kind }) => kind === "verifier")
          .map(({ judge, rank, similarity }) => `${judge} ${String(rank)} (${decimal(similarity)})`)
          .join(", ") || "–",
    },
  ];
  return (
    <Section title="All reconstructions">
      <p className="text-ink-2 mb-3 max-w-[68ch] text-sm">
        The attack submits one by the score that the release itself gives, without private images. The verifiers judge the others too, but those
        do not count.
      </p>
      <DataTable caption="All reconstructions of this identity" columns={columns} rows={identity.candidates} rowKey={({ id }) => id} width="min-w-[44rem]" />
    </Section>
  );
}

function attackColumn(audit: Audit): Column<Candidate> {
  return {
    id: "attack",
    header: "Attack",
    cell: ({ attack }) => audit.plan.attacks[attack]?.name.toUpperCase() ?? count(attack + 1),
  };
}
