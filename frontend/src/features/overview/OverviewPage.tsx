// The home of a project: what needs a person, and every target at a glance.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { Needs } from "@/features/overview/Needs";
import { overviewQuery } from "@/features/overview/queries";
import { TargetLines } from "@/features/overview/TargetLines";
import { projectsQuery } from "@/features/projects/queries";
import { count } from "@/format/numbers";
import { buttonClass } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { Empty, Loading, Page, Section } from "@/ui/Page";

export function OverviewPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId" });
  const overview = useQuery(overviewQuery(projectId));
  const { data: projects } = useQuery(projectsQuery);
  if (overview.isError && !overview.data) return <PageProblem error={overview.error} what="project" />;
  const name = projects?.find(({ id }) => id === projectId)?.name ?? "Overview";
  const upload = (
    <Link to="/projects/$projectId/models" params={{ projectId }} search={{ add: true }} className={buttonClass("primary")}>
      <Icon name="upload" /> Upload a release
    </Link>
  );
  return (
    <Page
      title={name}
      lead="The newest release of every target: what could be recognised from it, within which budget."
      actions={
        (overview.data?.targets.length ?? 0) > 0 && (
          <Link to="/projects/$projectId/audits/new" params={{ projectId }} className={buttonClass("primary")}>
            <Icon name="plus" /> New audit
          </Link>
        )
      }
    >
      {overview.isPending && <Loading what="the overview" />}
      {overview.data?.targets.length === 0 && (
        <Empty title="No targets yet" action={upload}>
          <p>
            Upload the checkpoint that you plan to release. It becomes the first release of a target, a line of models, and is
            audited from here.
          </p>
          <CommandLine command={"exhume release upload model.safetensors \\\n  --target badge-reader --description release.json"} />
          <CommandLine label="Or see a whole audit on bundled data, about five minutes" command="exhume demo" />
        </Empty>
      )}
      {overview.data && overview.data.targets.length > 0 && (
        <>
          <Section title="Targets" aside={count(overview.data.target_count)}>
            <TargetLines projectId={projectId} rows={overview.data.targets} />
            {overview.data.target_count > overview.data.targets.length && (
              <p className="text-ink-3 mt-3 text-sm">The {count(overview.data.targets.length)} targets with the newest releases are shown.</p>
            )}
          </Section>
          <Section title="Needs a person" aside={overview.data.needs.length > 0 && count(overview.data.needs.length)}>
            <Needs projectId={projectId} needs={overview.data.needs} />
          </Section>
          <div className="mt-8 max-w-xl">
            <CommandLine command="exhume audit list --sort=-risk" />
          </div>
        </>
      )}
    </Page>
  );
}
