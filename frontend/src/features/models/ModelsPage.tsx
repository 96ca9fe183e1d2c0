// The releases of a project, with the state of their intake.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { rowsOf } from "@/api/pages";
import { PageProblem } from "@/app/PageError";
import { RELEASE_CHOICES, TARGET_CHOICES, validateModels } from "@/features/models/list";
import { awaitingReleasesQuery, releasesQuery, searchedReleasesQuery, searchedTargetsQuery, targetsQuery } from "@/features/models/queries";
import { ReleaseTable } from "@/features/models/ReleaseTable";
import { ReleaseUpload } from "@/features/models/ReleaseUpload";
import { TargetTable } from "@/features/models/TargetTable";
import { OpenUploads } from "@/features/uploads/OpenUploads";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { narrows } from "@/ui/listSearch";
import { Empty, Page, Section } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";

const COMMAND = "exhume release upload model.safetensors \\\n  --target badge-reader --description release.json";

export function ModelsPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/models" });
  const { open: opened, add: adding, targets: q, targetSort: sort, ...values } = validateModels(useSearch({ from: "/signed-in/projects/$projectId/models" })); // the router keeps unknown ones
  const ofTargets = { targets: q, targetSort: sort };
  const navigate = useNavigate({ from: "/projects/$projectId/models" });
  const releases = useInfiniteQuery(searchedReleasesQuery(projectId, values));
  const targets = useInfiniteQuery(searchedTargetsQuery(projectId, { q, sort }));
  const { data: allReleases = [] } = useQuery({ ...releasesQuery(projectId), enabled: adding === true });
  const { data: allTargets } = useQuery({ ...targetsQuery(projectId), enabled: adding === true });
  const { data: awaiting = [] } = useQuery(awaitingReleasesQuery(projectId));
  const change = (next: object, replace = true) => void navigate({ search: next, replace, resetScroll: false });
  const add = (open: boolean) => change({ ...values, ...ofTargets, add: open || undefined }, !open);
  const open = (id: string) => change({ ...values, ...ofTargets, open: id });
  const searched = narrows({ ...values, ...ofTargets });
  if (releases.isError && !releases.data && !searched) return <PageProblem error={releases.error} what="project" />;
  const some = searched || rowsOf(releases.data).length > 0;
  const button = (
    <Button look="primary" onClick={() => add(true)}>
      <Icon name="upload" /> Upload a release
    </Button>
  );
  return (
    <Page
      title="Models"
      lead="A target is a line of models. A release is one checkpoint of a target, identified by its digest."
      actions={some && !adding && button}
    >
      {adding && allTargets && <ReleaseUpload projectId={projectId} targets={allTargets} releases={allReleases} onClose={() => add(false)} onOpen={open} />}
      <OpenUploads projectId={projectId} kind="release" awaiting={new Map(awaiting.map(({ id, target_name, version }) => [id, `${target_name} ${version}`]))} />
      {some && (
        <SearchedList
          what="targets"
          list={targets}
          values={{ q, sort }}
          choices={TARGET_CHOICES}
          onChange={(next) => change({ ...values, targets: next.q, targetSort: next.sort, add: adding })}
          barFrom={6}
        >
          {(rows) => <TargetTable rows={rows} />}
        </SearchedList>
      )}
      <Releases title={some}>
        <SearchedList
          what="releases"
          list={releases}
          values={values}
          choices={RELEASE_CHOICES}
          onChange={(next) => change({ ...next, ...ofTargets, add: adding })}
          empty={
            !adding && (
              <Empty title="No releases yet" action={button}>
                <p>
                  Upload the checkpoint that you plan to release, as safetensors, a PyTorch state_dict or ONNX, with the names of its
                  classes. It is checked first.
                </p>
                <CommandLine command={COMMAND} />
              </Empty>
            )
          }
          aside={
            <>
              <CommandLine command={COMMAND} />
              <Link to="/projects/$projectId/audits/new" params={{ projectId }} className="text-accent text-sm hover:underline">
                Audit a release
              </Link>
            </>
          }
        >
          {(rows) => <ReleaseTable rows={rows} opened={opened} onOpen={open} />}
        </SearchedList>
      </Releases>
    </Page>
  );
}

function Releases({ title, children }: { title: boolean; children: ReactNode }) {
  return title ? <Section title="Releases">{children}</Section> : children;
}
