// The verifiers of a project, with their measured rates, and the galleries.
import { useQueries, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { auditsQuery, resultQuery } from "@/features/audits/queries";
import { DatasetTable } from "@/features/datasets/DatasetTable";
import { datasetsQuery } from "@/features/datasets/queries";
import { bundledQuery, measuredIn, verifiersQuery } from "@/features/verifiers/queries";
import { bundledRow, uploadedRow, VerifierTable } from "@/features/verifiers/VerifierTable";
import { VerifierUpload } from "@/features/verifiers/VerifierUpload";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { Loading, Page, Section } from "@/ui/Page";
import { RoleMark } from "@/ui/Role";

const LOOKED_AT = 5; // newest finished audits whose measurements are shown

export function VerifiersPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/verifiers" });
  const search = useSearch({ from: "/signed-in/projects/$projectId/verifiers" });
  const navigate = useNavigate({ from: "/projects/$projectId/verifiers" });
  const verifiers = useQuery(verifiersQuery(projectId));
  const bundled = useQuery(bundledQuery);
  const datasets = useQuery(datasetsQuery(projectId));
  const audits = useInfiniteQuery(auditsQuery(projectId));
  const finished = (audits.data?.pages ?? [])
    .flatMap((page) => page.items)
    .filter((audit) => audit.state === "succeeded")
    .slice(0, LOOKED_AT);
  const found = useQueries({ queries: finished.map((audit) => resultQuery(audit.id, true)) });
  const results = finished.map((audit, at) => ({ audit: audit.id, result: found[at]?.data }));
  const add = (open: boolean) => void navigate({ search: open ? { add: true } : {}, replace: !open });
  if (verifiers.isError && !verifiers.data) return <PageProblem error={verifiers.error} what="project" />;
  const rows = verifiers.data ?? [];
  return (
    <Page
      title="Verifiers"
      lead="A reconstruction counts only if every verifier of an audit ranks the right identity first and above its threshold. PASS requires at least two verifiers."
      actions={
        !search.add && (
          <Button look="primary" onClick={() => add(true)}>
            <Icon name="upload" /> Upload a verifier
          </Button>
        )
      }
    >
      {search.add && <VerifierUpload projectId={projectId} verifiers={rows} onClose={() => add(false)} />}
      {verifiers.isPending && <Loading what="verifiers" />}
      <Section title="Uploaded" aside="Every audit measures the thresholds again, on reconstructions of other people.">
        {verifiers.data && rows.length === 0 && (
          <p className="text-ink-3 text-sm">None yet. Audits use the bundled verifiers if they recognise the private images. Other images need their own pair.</p>
        )}
        {rows.length > 0 && (
          <VerifierTable caption="Uploaded verifiers" rows={rows.map((row) => uploadedRow(row, measuredIn(results, row.sha256)))} />
        )}
        <div className="mt-4 grid max-w-3xl gap-4 md:grid-cols-2">
          <CommandLine command="exhume verifier upload verifier.onnx" />
          <CommandLine label="Train a pair on public labelled images" command="exhume verifier train public.zip" />
        </div>
      </Section>
      <Section title="Bundled">
        {bundled.isPending && <Loading what="bundled verifiers" />}
        {bundled.data && (
          <VerifierTable caption="Bundled verifiers" rows={bundled.data.map((row) => bundledRow(row, measuredIn(results, row.digest)))} />
        )}
      </Section>
      <Section
        title={<RoleMark of="gallery" name="Galleries" meaning />}
        aside={
          <Link to="/projects/$projectId/datasets" params={{ projectId }} search={{ add: true }} className="text-accent hover:underline">
            Upload a gallery
          </Link>
        }
      >
        {datasets.data && <DatasetTable of="gallery" rows={datasets.data.filter((row) => row.role === "gallery")} />}
      </Section>
    </Page>
  );
}
