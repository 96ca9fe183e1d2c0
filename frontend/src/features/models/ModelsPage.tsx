// The releases of a project, with the state of their intake.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { releasesQuery, targetsQuery } from "@/features/models/queries";
import { ReleaseTable } from "@/features/models/ReleaseTable";
import { ReleaseUpload } from "@/features/models/ReleaseUpload";
import { TargetTable } from "@/features/models/TargetTable";
import { OpenUploads } from "@/features/uploads/OpenUploads";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { Empty, Loading, Page, Section } from "@/ui/Page";

const COMMAND = "exhume release upload model.safetensors \\\n  --target badge-reader --description release.json";

export function ModelsPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/models" });
  const search = useSearch({ from: "/signed-in/projects/$projectId/models" });
  const navigate = useNavigate({ from: "/projects/$projectId/models" });
  const releases = useQuery(releasesQuery(projectId));
  const targets = useQuery(targetsQuery(projectId));
  const add = (open: boolean) => void navigate({ search: open ? { add: true } : {}, replace: !open });
  if (releases.isError && !releases.data) return <PageProblem error={releases.error} what="project" />;
  const rows = releases.data ?? [];
  const awaiting = new Map(
    rows.filter((one) => one.state === "awaiting_upload" || one.state === "refused").map((one) => [one.id, `${one.target_name} ${one.version}`]),
  );
  const button = (
    <Button look="primary" onClick={() => add(true)}>
      <Icon name="upload" /> Upload a release
    </Button>
  );
  return (
    <Page
      title="Models"
      lead="A target is a line of models. A release is one checkpoint of a target, identified by its digest."
      actions={rows.length > 0 && !search.add && button}
    >
      {search.add && (
        <ReleaseUpload
          projectId={projectId}
          targets={targets.data ?? []}
          releases={rows}
          onClose={() => add(false)}
          onOpen={(id) => void navigate({ search: { open: id } })}
        />
      )}
      <OpenUploads projectId={projectId} kind="release" awaiting={awaiting} />
      {releases.isPending && <Loading what="releases" />}
      {releases.data && rows.length === 0 && !search.add && (
        <Empty title="No releases yet" action={button}>
          <p>
            Upload the checkpoint that you plan to release, as safetensors, a PyTorch state_dict or ONNX, with the names of its
            classes. It is checked first.
          </p>
          <CommandLine command={COMMAND} />
        </Empty>
      )}
      {rows.length > 0 && (
        <>
          <TargetTable targets={targets.data ?? []} releases={rows} />
          <Section title="Releases">
            <ReleaseTable rows={rows} opened={search.open} />
          </Section>
          <div className="mt-6 flex flex-wrap items-end justify-between gap-6">
            <CommandLine command={COMMAND} />
            <Link to="/projects/$projectId/audits/new" params={{ projectId }} className="text-accent text-sm hover:underline">
              Audit a release
            </Link>
          </div>
        </>
      )}
    </Page>
  );
}
