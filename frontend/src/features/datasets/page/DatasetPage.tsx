// One data set: samples, counts, digests, origin, and the audits that use it.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { DatasetInFull } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { AuditsUsing } from "@/features/audits/AuditsUsing";
import { Rights } from "@/features/audits/Rights";
import { DatasetFacts } from "@/features/datasets/page/DatasetFacts";
import { OneIdentity } from "@/features/datasets/page/OneIdentity";
import { SampleSheet } from "@/features/datasets/page/SampleSheet";
import { DELETED, DELETION } from "@/features/datasets/page/words";
import { datasetQuery } from "@/features/datasets/queries";
import { SetNotes } from "@/features/datasets/SetNotes";
import { DeleteButton } from "@/features/deletions/DeleteButton";
import { buttonClass } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { IntakeMark } from "@/ui/IntakeMark";
import { Notice, ProblemDetails } from "@/ui/Notice";
import { Loading, Page, Section } from "@/ui/Page";
import { RoleMark } from "@/ui/Role";
import { Trail } from "@/ui/Trail";

export function DatasetPage() {
  const { datasetId } = useParams({ from: "/signed-in/projects/$projectId/datasets/$datasetId" });
  const found = useQuery(datasetQuery(datasetId));
  if (found.isError && !found.data) return <PageProblem error={found.error} what="data set" />;
  if (found.isPending) return <Loading what="the data set" />;
  const dataset = found.data;
  const { project_id: projectId, notes, problem } = dataset;
  return (
    <>
      <Trail above={[{ words: "Data sets", link: { to: "/projects/$projectId/datasets", params: { projectId } } }]} here="Data set" />
      <Page title={dataset.name} lead={<Lead dataset={dataset} />} actions={<Actions dataset={dataset} />}>
        {dataset.state === "refused" && (
          <Notice title={problem?.title ?? "Rejected"}>
            {problem && <ProblemDetails problem={problem} />}
            <p className="mt-1">The file was not kept. Fix it and upload it again.</p>
          </Notice>
        )}
        {notes && notes.length > 0 && <SetNotes notes={notes} />}
        <Section title="Sample images">
          <SampleSheet key={dataset.id} dataset={dataset} />
        </Section>
        <Section title="Contents">
          <DatasetFacts dataset={dataset} />
        </Section>
        <Section title="Audits">
          <AuditsUsing projectId={projectId} used={{ dataset_id: dataset.id }} caption={`Audits that use ${dataset.name}`} none="No audit used it." />
        </Section>
        <Section title="Rights declared">
          <Rights projectId={projectId} used={{ dataset_id: dataset.id }} what="data set" />
        </Section>
        <OneIdentity key={dataset.id} dataset={dataset} />
        {dataset.state !== "deleted" && (
          <Section title="Deletion">
            <p className="text-ink-2 max-w-[68ch] text-sm">
              {DELETED[dataset.role]} {DELETION}
            </p>
          </Section>
        )}
        <div className="mt-8 max-w-xl">
          <CommandLine command={`exhume dataset show ${dataset.id}`} />
        </div>
      </Page>
    </>
  );
}

function Lead({ dataset }: { dataset: DatasetInFull }) {
  return (
    <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <RoleMark of={dataset.role} meaning />
      <IntakeMark state={dataset.state} />
    </span>
  );
}

function Actions({ dataset: { id, project_id: projectId, name, role, state } }: { dataset: DatasetInFull }) {
  const navigate = useNavigate();
  const search = role === "public" ? { public: id } : role === "private" ? { private: id } : { gallery: id };
  return (
    <>
      {state !== "deleted" && (
        <DeleteButton
          subject={{ kind: "dataset", id }}
          projectId={projectId}
          name={name}
          onDeleted={() => void navigate({ to: "/projects/$projectId/datasets", params: { projectId } })}
        />
      )}
      {state === "ready" && (
        <Link to="/projects/$projectId/audits/new" params={{ projectId }} search={search} className={buttonClass("primary")}>
          New audit with these images
        </Link>
      )}
    </>
  );
}
