// Identities exposed by name, with p-values and their stability over restarts and seeds.
import type { Naming, NamedIdentity, Result } from "@/api/model";
import { IdentityLink } from "@/features/audits/identity/IdentityLink";
import { Measured } from "@/features/audits/Measured";
import { capital, counted, nounOf } from "@/features/audits/noun";
import { decimal, plural } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";
import { Term } from "@/ui/Term";

const p = (value: number) => (value < 0.001 ? "<\u00a00.001" : decimal(value));

export function Named({ audit, result }: { audit: string; result: Result }) {
  const { named, naming, worst_decile: worst } = result;
  if (result.evidence_level !== "verified" || result.stopped) return null;
  const noun = nounOf(result);
  return (
    <Section title="Exposed by name" folds aside={<Term name="named">{counted(named.length, noun)}</Term>}>
      {named.length === 0 ? (
        <p className="text-ink-2 max-w-[68ch] text-sm">
          No {noun.one} is both verified and more similar to the reconstruction than chance allows.
        </p>
      ) : (
        <>
          <p className="text-ink-2 mb-2 max-w-[68ch] text-sm">
            These reconstructions were recognised by every verifier, and chance does not explain it.{" "}
            {naming && expected(named.length, naming)}
          </p>
          <Table audit={audit} named={named} title={capital(noun.one)} />
        </>
      )}
      {naming?.named_earlier_only && naming.named_earlier_only.length > 0 && (
        <p className="text-ink-2 mt-3 max-w-[68ch] text-sm">
          <span className="text-ink font-medium">Named only with other seeds. </span>
          {naming.named_earlier_only.join(", ")}
        </p>
      )}
      {worst.length > 0 && (
        <p className="text-ink-2 mt-3 max-w-[68ch] text-sm">
          <span className="text-ink font-medium">The tenth with the strongest likeness. </span>
          {worst.join(", ")}
        </p>
      )}
    </Section>
  );
}

function expected(names: number, { false_discovery_rate: rate, expected_false: wrong }: Naming) {
  return (
    <>
      At most <Measured id="naming.false_discovery_rate" figure={{ value: rate }} /> of the names are expected to be wrong:{" "}
      <span data-named="expected">{Number(wrong.toFixed(2))}</span> of these {names}.
    </>
  );
}

const RESTARTS: Column<NamedIdentity> = {
  id: "restarts",
  header: "Recognised in restarts",
  align: "end",
  cell: ({ restarts }) => (restarts ? `${restarts.recognised} of ${restarts.of}` : "–"),
};

const SEEDS: Column<NamedIdentity> = {
  id: "seeds",
  header: "Named with other seeds",
  align: "end",
  cell: ({ seeds }) => (seeds ? `${seeds.named} of ${plural(seeds.of, "audit")}` : "–"),
};

function Table({ audit, named, title }: { audit: string; named: readonly NamedIdentity[]; title: string }) {
  const restarts = named.some((one) => one.restarts);
  const seeds = named.some((one) => one.seeds);
  const columns: Column<NamedIdentity>[] = [
    { id: "name", header: title, rowHeader: true, className: "font-medium", cell: ({ name, identity }) => <IdentityLink audit={audit} identity={identity}>{name}</IdentityLink> },
    { id: "strength", header: <Term name="strength">Likeness</Term>, align: "end", cell: ({ strength }) => strength.toFixed(1) },
    { id: "p", header: "p", align: "end", cell: (one) => p(one.p_value) },
    ...(restarts ? [RESTARTS] : []),
    ...(seeds ? [SEEDS] : []),
  ];
  return (
    <DataTable
      caption="Exposed by name"
      columns={columns}
      rows={named}
      rowKey={({ identity }) => identity}
      rowProps={({ identity }) => ({ "data-named": identity })}
      width="min-w-[36rem]"
      first={30}
      className="max-w-4xl"
    />
  );
}
