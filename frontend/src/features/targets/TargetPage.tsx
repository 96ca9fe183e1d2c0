// The home of a line of models: its releases over time, and how they are audited.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { targetDecisionsQuery } from "@/features/gate/queries";
import { TargetGate } from "@/features/gate/TargetGate";
import { TargetSchedules } from "@/features/schedules/TargetSchedules";
import { TargetSources } from "@/features/sources/TargetSources";
import { ReleaseTimeline } from "@/features/targets/ReleaseTimeline";
import { targetAuditsQuery, targetQuery, targetReleasesQuery } from "@/features/targets/queries";
import { timelineRows } from "@/features/targets/timeline";
import { shellWord } from "@/format/shell";
import { buttonClass } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { ProblemNotice } from "@/ui/Notice";
import { Empty, Loading, Page, Section } from "@/ui/Page";
import { Trail } from "@/ui/Trail";

export function TargetPage() {
  const { projectId, targetId } = useParams({ from: "/signed-in/projects/$projectId/targets/$targetId" });
  const target = useQuery(targetQuery(targetId));
  const releases = useQuery(targetReleasesQuery(targetId));
  const audits = useQuery(targetAuditsQuery(projectId, targetId));
  const decisions = useQuery(targetDecisionsQuery(targetId));
  if (target.isError && !target.data) return <PageProblem error={target.error} what="target" />;
  if (target.isPending) return <Loading what="the target" />;
  const { name, description } = target.data;
  const rows = timelineRows(releases.data ?? [], audits.data ?? [], decisions.data ?? []);
  const upload = (
    <Link to="/projects/$projectId/models" params={{ projectId }} search={{ add: true }} className={buttonClass("secondary")}>
      <Icon name="upload" /> Upload a release
    </Link>
  );
  return (
    <>
      <Trail above={[{ words: "Models", link: { to: "/projects/$projectId/models", params: { projectId } } }]} here="Target" />
      <Page
        title={name}
        lead={description || "A line of models. Each release is one checkpoint, identified by its digest."}
        actions={rows.length > 0 && upload}
      >
        {(releases.isError || audits.isError) && <ProblemNotice error={releases.error ?? audits.error} title="Some releases could not be loaded" />}
        {releases.data && rows.length === 0 && (
          <Empty title="No releases yet" action={upload}>
            <p>Upload the checkpoint that you plan to release. Its audits appear here, one release after the other.</p>
            <CommandLine command={`exhume release upload model.safetensors \\\n  --target ${shellWord(name)} --description release.json`} />
          </Empty>
        )}
        {rows.length > 0 && (
          <Section title="Releases">
            <ReleaseTimeline name={name} rows={rows} />
          </Section>
        )}
        <TargetGate target={target.data} releases={releases.data ?? []} />
        <TargetSchedules target={target.data} />
        <TargetSources target={target.data} />
      </Page>
    </>
  );
}
