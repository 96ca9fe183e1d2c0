// The verifiers of a project, with their measured rates, and the galleries.
import { useQueries, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { auditsQuery, resultQuery } from "@/features/audits/queries";
import { DatasetTable } from "@/features/datasets/DatasetTable";
import { datasetsQuery } from "@/features/datasets/queries";
import { VERIFIER_CHOICES, validateVerifiers } from "@/features/verifiers/list";
import { bundledQuery, measuredIn, searchedVerifiersQuery, verifiersQuery } from "@/features/verifiers/queries";
import { bundledRow, uploadedRow, VerifierTable } from "@/features/verifiers/VerifierTable";
import { VerifierUpload } from "@/features/verifiers/VerifierUpload";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { narrows } from "@/ui/listSearch";
import { Loading, Page, Section } from "@/ui/Page";
import { RoleMark } from "@/ui/Role";
import { SearchedList } from "@/ui/SearchedList";

const LOOKED_AT = 5; // newest finished audits whose measurements are shown

export function VerifiersPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/verifiers" });
  const { add: adding, ...values } = validateVerifiers(useSearch({ from: "/signed-in/projects/$projectId/verifiers" })); // the router keeps unknown ones
  const navigate = useNavigate({ from: "/projects/$projectId/verifiers" });
  const list = useInfiniteQuery(searchedVerifiersQuery(projectId, values));
  const { data: all = [] } = useQuery({ ...verifiersQuery(projectId), enabled: adding === true });
  const bundled = useQuery(bundledQuery);
  const datasets = useQuery(datasetsQuery(projectId));
  const audits = useInfiniteQuery(auditsQuery(projectId));
  const finished = (audits.data?.pages ?? [])
    .flatMap((page) => page.items)
    .filter((audit) => audit.state === "succeeded")
    .slice(0, LOOKED_AT);
  const found = useQueries({ queries: finished.map((audit) => resultQuery(audit.id, true)) });
  const results = finished.map((audit, at) => ({ audit: audit.id, result: found[at]?.data }));
  const add = (open: boolean) => void navigate({ search: { ...values, add: open || undefined }, replace: !open });
  if (list.isError && !list.data && !narrows(values)) return <PageProblem error={list.error} what="project" />;
  return (
    <Page
      title="Verifiers"
      lead="A reconstruction counts only if every verifier of an audit ranks the right identity first and above its threshold. PASS requires at least two verifiers."
      actions={
        !adding && (
          <Button look="primary" onClick={() => add(true)}>
            <Icon name="upload" /> Upload a verifier
          </Button>
        )
      }
    >
      {adding && <VerifierUpload projectId={projectId} verifiers={all} onClose={() => add(false)} />}
      <Section title="Uploaded" aside="Every audit measures the thresholds again, on reconstructions of other people.">
        <SearchedList
          what="verifiers"
          list={list}
          values={values}
          choices={VERIFIER_CHOICES}
          onChange={(next) => void navigate({ search: { ...next, add: adding }, replace: true, resetScroll: false })}
          empty={<p className="text-ink-3 text-sm">None yet. Audits use the bundled verifiers if they recognise the private images. Other images need their own pair.</p>}
        >
          {(rows) => <VerifierTable caption="Uploaded verifiers" rows={rows.map((row) => uploadedRow(row, measuredIn(results, row.sha256)))} />}
        </SearchedList>
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
