// The data sets of a project, by role.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { DataRole } from "@/api/model";
import { rowsOf } from "@/api/pages";
import { PageProblem } from "@/app/PageError";
import { DatasetUpload } from "@/features/datasets/DatasetUpload";
import { DatasetTable } from "@/features/datasets/DatasetTable";
import { capital } from "@/features/audits/noun";
import { DATASET_CHOICES, validateDatasets } from "@/features/datasets/list";
import { awaitingDatasetsQuery, datasetsQuery, searchedDatasetsQuery } from "@/features/datasets/queries";
import { OpenUploads } from "@/features/uploads/OpenUploads";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { narrows } from "@/ui/listSearch";
import { Empty, Page, Section } from "@/ui/Page";
import { ROLE_WORDS, RoleMark } from "@/ui/Role";
import { SearchedList } from "@/ui/SearchedList";

const ROLES: readonly DataRole[] = ["public", "private", "gallery"];
const COMMAND = "exhume dataset upload images.zip --role public";

export function DatasetsPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/datasets" });
  const { add: adding, ...values } = validateDatasets(useSearch({ from: "/signed-in/projects/$projectId/datasets" })); // the router keeps unknown ones
  const navigate = useNavigate({ from: "/projects/$projectId/datasets" });
  const list = useInfiniteQuery(searchedDatasetsQuery(projectId, values));
  const { data: all = [] } = useQuery({ ...datasetsQuery(projectId), enabled: adding === true });
  const { data: awaiting = [] } = useQuery(awaitingDatasetsQuery(projectId));
  const add = (open: boolean) => void navigate({ search: { ...values, add: open || undefined }, replace: !open });
  const searched = narrows(values);
  if (list.isError && !list.data && !searched) return <PageProblem error={list.error} what="project" />;
  const some = searched || rowsOf(list.data).length > 0;
  const button = (
    <Button look="primary" onClick={() => add(true)}>
      <Icon name="upload" /> Upload images
    </Button>
  );
  return (
    <Page title="Data sets" lead="Each data set has a role. Its digest covers images, labels, split and names." actions={some && !adding && button}>
      {adding && <DatasetUpload projectId={projectId} datasets={all} onClose={() => add(false)} />}
      <OpenUploads projectId={projectId} kind="dataset" awaiting={new Map(awaiting.map(({ id, name }) => [id, name]))} />
      <SearchedList
        what="data sets"
        list={list}
        values={values}
        choices={DATASET_CHOICES}
        onChange={(next) => void navigate({ search: { ...next, add: adding }, replace: true, resetScroll: false })}
        empty={
          !adding && (
            <Empty title="No data sets yet" action={button}>
              <p>
                An audit needs <RoleMark of="public" /> of the same kind as your training data, such as faces of other people. They
                stand for what an attacker has. PASS and FAIL also require <RoleMark of="private" />, the training images.
              </p>
              <CommandLine command={COMMAND} />
            </Empty>
          )
        }
        aside={
          <div className="flex flex-wrap items-end justify-between gap-6">
            <CommandLine command={COMMAND} />
            <Link to="/projects/$projectId/priors" params={{ projectId }} className="text-accent text-sm hover:underline">
              Priors made from public images
            </Link>
          </div>
        }
      >
        {(rows) =>
          ROLES.map((role) => {
            const own = rows.filter((row) => row.role === role);
            if (own.length === 0 && (searched || list.hasNextPage)) return null; // others may be on the next page
            return (
              <Section key={role} title={<RoleMark of={role} meaning />}>
                {role === "private" && <p className="text-ink-3 mb-3 max-w-[72ch] text-sm">{capital(ROLE_WORDS.private.opened)}.</p>}
                <DatasetTable of={role} rows={own} />
              </Section>
            );
          })
        }
      </SearchedList>
    </Page>
  );
}
