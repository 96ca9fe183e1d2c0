// The table of verifiers, with the rates that the newest audit measured.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { BundledVerifier, Verifier } from "@/api/model";
import { VerifierRate } from "@/features/audits/VerifierRate";
import { DeleteButton } from "@/features/deletions/DeleteButton";
import type { Measured } from "@/features/verifiers/queries";
import { decimal } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { IntakeMark } from "@/ui/IntakeMark";
import { Notice, ProblemDetails } from "@/ui/Notice";
import { Term } from "@/ui/Term";

interface Row {
  key: string;
  name: string;
  state: ReactNode;
  input: { height: number | null; width: number | null; channels: number | null };
  digest: string | null;
  measured: Measured | null;
  details?: ReactNode;
  actions?: ReactNode;
}

export function bundledRow(verifier: BundledVerifier, measured: Measured | null): Row {
  const { name, digest } = verifier;
  return { key: digest, name, state: "Bundled", input: verifier, digest, measured };
}

export function uploadedRow(verifier: Verifier, measured: Measured | null): Row {
  const { id, name, state, sha256, problem } = verifier;
  const details = state === "refused" && (
    <Notice title={problem?.title ?? "Rejected"}>
      {problem && <ProblemDetails problem={problem} />}
      <p className="mt-1">The file was not kept. Fix it and upload it again. Without a name, the verifier gets the name of the file and a number.</p>
    </Notice>
  );
  const actions = state !== "deleted" && <DeleteButton subject={{ kind: "verifier", id }} projectId={verifier.project_id} name={name} />;
  return { key: id, name, state: <IntakeMark state={state} />, input: verifier, digest: sha256, measured, details, actions };
}

function rate(name: "rank1_on_references" | "false_match_rate") {
  return ({ measured }: Row) => (measured ? <VerifierRate of={measured.verifier} name={name} /> : "–");
}

const COLUMNS: Column<Row>[] = [
  { id: "name", header: "Name", rowHeader: true, className: "font-medium", cell: ({ name }) => name },
  { id: "state", header: "State", cell: ({ state }) => state },
  {
    id: "input",
    header: "Input, px",
    align: "end",
    className: "whitespace-nowrap",
    cell: ({ input: { height, width, channels } }) => (height === null ? "–" : `${height} × ${width ?? "?"} × ${channels ?? "?"}`),
  },
  { id: "rank1", header: "Accuracy on real images", align: "end", className: "whitespace-nowrap", cell: rate("rank1_on_references") },
  {
    id: "threshold",
    header: <Term name="threshold">Threshold</Term>,
    align: "end",
    cell: ({ measured }) => (measured?.verifier.refused ? "not used: guesses" : decimal(measured?.verifier.threshold)),
  },
  { id: "matches", header: "False matches", align: "end", className: "whitespace-nowrap", cell: rate("false_match_rate") },
  { id: "measured", header: "Measured in", cell: ({ measured }) => <MeasuredIn measured={measured} /> },
  { id: "digest", header: "SHA-256", cell: ({ digest }) => (digest ? <Digest digest={digest} /> : "–") },
  { id: "actions", header: <span className="sr-only">Actions</span>, align: "end", cell: ({ actions }) => actions },
];

export function VerifierTable({ caption, rows }: { caption: string; rows: readonly Row[] }) {
  return <DataTable caption={caption} columns={COLUMNS} rows={rows} rowKey={({ key }) => key} details={({ details }) => details} width="min-w-[58rem]" />;
}

function MeasuredIn({ measured }: { measured: Measured | null }) {
  if (!measured) return <span className="text-ink-3 text-sm">no audit yet</span>;
  return (
    <Link to="/audits/$auditId" params={{ auditId: measured.audit }} className="text-accent text-sm hover:underline">
      an audit
    </Link>
  );
}
