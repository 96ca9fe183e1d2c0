// The data sets of a project, by role.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { DataRole } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { DatasetUpload } from "@/features/datasets/DatasetUpload";
import { DatasetTable } from "@/features/datasets/DatasetTable";
import { capital } from "@/features/audits/noun";
import { datasetsQuery } from "@/features/datasets/queries";
import { OpenUploads } from "@/features/uploads/OpenUploads";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { Empty, Loading, Page, Section } from "@/ui/Page";
import { ROLE_WORDS, RoleMark } from "@/ui/Role";

const ROLES: readonly DataRole[] = ["public", "private", "gallery"];
const COMMAND = "exhume dataset upload images.zip --role public";

export function DatasetsPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/datasets" });
  const search = useSearch({ from: "/signed-in/projects/$projectId/datasets" });
  const navigate = useNavigate({ from: "/projects/$projectId/datasets" });
  const datasets = useQuery(datasetsQuery(projectId));
  const add = (open: boolean) => void navigate({ search: open ? { add: true } : {}, replace: !open });
  if (datasets.isError && !datasets.data) return <PageProblem error={datasets.error} what="project" />;
  const rows = datasets.data ?? [];
  const awaiting = new Map(rows.filter((one) => one.state === "awaiting_upload" || one.state === "refused").map((one) => [one.id, one.name]));
  const button = (
    <Button look="primary" onClick={() => add(true)}>
      <Icon name="upload" /> Upload images
    </Button>
  );
  return (
    <Page title="Datasets" lead="Each data set has a role. Its digest covers images, labels, split and names." actions={rows.length > 0 && !search.add && button}>
      {search.add && (
        <DatasetUpload
          projectId={projectId}
          datasets={rows}
          onClose={() => add(false)}
        />
      )}
      <OpenUploads projectId={projectId} kind="dataset" awaiting={awaiting} />
      {datasets.isPending && <Loading what="data sets" />}
      {datasets.data && rows.length === 0 && !search.add && (
        <Empty title="No data sets yet" action={button}>
          <p>
            An audit needs <RoleMark of="public" /> of the same kind as your training data, such as faces of other people. They
            stand for what an attacker has. PASS and FAIL also require <RoleMark of="private" />, the training images.
          </p>
          <CommandLine command={COMMAND} />
        </Empty>
      )}
      {rows.length > 0 &&
        ROLES.map((role) => (
          <Section key={role} title={<RoleMark of={role} meaning />}>
            {role === "private" && <p className="text-ink-3 mb-3 max-w-[72ch] text-sm">{capital(ROLE_WORDS.private.opened)}.</p>}
            <DatasetTable of={role} rows={rows.filter((row) => row.role === role)} />
          </Section>
        ))}
      {rows.length > 0 && (
        <div className="mt-6 max-w-xl">
          <CommandLine command={COMMAND} />
        </div>
      )}
    </Page>
  );
}
