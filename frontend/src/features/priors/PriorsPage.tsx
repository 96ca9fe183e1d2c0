// The priors that audits of a project made and keep.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { Prior } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { PriorSheet } from "@/features/priors/PriorSheet";
import { PublicSets } from "@/features/priors/PublicSets";
import { PRIOR_CHOICES, validatePriors } from "@/features/priors/list";
import { searchedPriorsQuery } from "@/features/priors/queries";
import { bytes, count } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { CommandLine, Digest } from "@/ui/Copy";
import { DataTable } from "@/ui/DataTable";
import { narrows } from "@/ui/listSearch";
import { Empty, Page } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";
import { Trail } from "@/ui/Trail";
import { When } from "@/ui/When";

const COLUMNS: Column<Prior>[] = [
  { id: "samples", header: "Samples", cell: (prior) => <PriorSheet prior={prior} className="size-20" /> },
  {
    id: "kind",
    header: "Kind",
    rowHeader: true,
    className: "font-medium",
    cell: ({ id, project_id: projectId, kind }) => (
      <Link to="/projects/$projectId/priors/$priorId" params={{ projectId, priorId: id }} className="rounded-sm underline-offset-2 hover:underline">
        {kind}
      </Link>
    ),
  },
  { id: "made", header: "Made from", cell: (prior) => <PublicSets prior={prior} /> },
  { id: "images", header: "Images", align: "end", cell: ({ images }) => count(images) },
  { id: "size", header: "Size", align: "end", className: "whitespace-nowrap", cell: (prior) => bytes(prior.size_bytes) },
  { id: "audits", header: "Audits", align: "end", cell: (prior) => count(prior.audit_count) },
  { id: "digest", header: "SHA-256", cell: ({ sha256 }) => <Digest digest={sha256} /> },
  { id: "made-at", header: "Made", align: "end", className: "text-ink-2", cell: (prior) => <When at={prior.created_at} /> },
];

export function PriorsPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/priors" });
  const values = validatePriors(useSearch({ from: "/signed-in/projects/$projectId/priors" })); // the router keeps unknown ones
  const navigate = useNavigate({ from: "/projects/$projectId/priors" });
  const priors = useInfiniteQuery(searchedPriorsQuery(projectId, values));
  if (priors.isError && !priors.data && !narrows(values)) return <PageProblem error={priors.error} what="project" />;
  return (
    <>
      <Trail above={[{ words: "Data sets", link: { to: "/projects/$projectId/datasets", params: { projectId } } }]} here="Priors" />
      <Page title="Priors" lead="An audit makes a prior from its public images, and later audits with the same images reuse it. Shipped priors are not listed.">
        <SearchedList
          what="priors"
          list={priors}
          values={values}
          choices={PRIOR_CHOICES}
          onChange={(next) => void navigate({ search: next, replace: true, resetScroll: false })}
          barFrom={6}
          newestFirst
          empty={
            <Empty title="No priors yet">
              <p>The first audit with public images makes one, unless a shipped prior is used.</p>
            </Empty>
          }
        >
          {(rows) => <DataTable caption="Priors of this project" columns={COLUMNS} rows={rows} rowKey={({ id }) => id} width="min-w-[52rem]" />}
        </SearchedList>
        <div className="mt-6 max-w-xl">
          <CommandLine command="exhume prior list" />
        </div>
      </Page>
    </>
  );
}
