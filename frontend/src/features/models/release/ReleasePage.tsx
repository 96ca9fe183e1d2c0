// One release: what the checks decided, its network, its file, and the audits made of it.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { ReleaseInFull } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { AuditsUsing } from "@/features/audits/AuditsUsing";
import { Rights } from "@/features/audits/Rights";
import { DeleteButton } from "@/features/deletions/DeleteButton";
import { releasePageQuery } from "@/features/models/queries";
import { Architecture } from "@/features/models/release/Architecture";
import { IntakeDecisions } from "@/features/models/release/IntakeDecisions";
import { ReleaseFile } from "@/features/models/release/ReleaseFile";
import { ReleaseLink } from "@/features/models/release/ReleaseLink";
import { plural } from "@/format/numbers";
import { buttonClass } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { IntakeMark } from "@/ui/IntakeMark";
import { Loading, Page, Section } from "@/ui/Page";
import { Trail } from "@/ui/Trail";

export function ReleasePage() {
  const { releaseId } = useParams({ from: "/signed-in/projects/$projectId/releases/$releaseId" });
  const found = useQuery(releasePageQuery(releaseId));
  if (found.isError && !found.data) return <PageProblem error={found.error} what="release" />;
  if (found.isPending) return <Loading what="the release" />;
  const release = found.data;
  return (
    <>
      <Trail
        above={[
          { words: "Models", link: { to: "/projects/$projectId/models", params: { projectId: release.project_id } } },
          { words: release.target_name, link: { to: "/projects/$projectId/targets/$targetId", params: { projectId: release.project_id, targetId: release.target_id } } },
        ]}
        here="Release"
      />
      <Page title={`${release.target_name} ${release.version}`} lead={<Lead release={release} />} actions={<Actions release={release} />}>
        <Section title="Audits">
          <AuditsUsing
            projectId={release.project_id}
            used={{ release_id: release.id }}
            caption={`Audits of ${release.target_name} ${release.version}`}
            none={release.state === "ready" ? "It was not audited yet." : "No audit used it."}
          />
        </Section>
        <Section title="Checks">
          <IntakeDecisions release={release} />
        </Section>
        <Section title="Network">
          <Architecture release={release} />
        </Section>
        <Section title="File">
          <ReleaseFile release={release} />
        </Section>
        <Section title="Rights declared">
          <Rights projectId={release.project_id} used={{ release_id: release.id }} what="release" />
        </Section>
        <div className="mt-8 max-w-xl">
          <CommandLine command={`exhume release show ${release.id}`} />
        </div>
      </Page>
    </>
  );
}

function Lead({ release }: { release: ReleaseInFull }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <IntakeMark state={release.state} />
      {release.twin_of !== null && (
        <span>
          A twin of{" "}
          <ReleaseLink release={{ id: release.twin_of, project_id: release.project_id }} className="text-accent rounded-sm hover:underline">
            another release
          </ReleaseLink>
          , trained without {plural(release.replaced_count ?? 0, "identity", "identities")} of it.
        </span>
      )}
      {release.state === "deleted" && "Its file was deleted. The results of its audits refer to it."}
    </span>
  );
}

function Actions({ release }: { release: ReleaseInFull }) {
  const navigate = useNavigate();
  const { id, project_id: projectId, state, twin_of: twin } = release;
  return (
    <>
      {state !== "deleted" && (
        <DeleteButton
          subject={{ kind: "release", id }}
          projectId={projectId}
          name={`${release.target_name} ${release.version}`}
          onDeleted={() => void navigate({ to: "/projects/$projectId/models", params: { projectId } })}
        />
      )}
      {state === "ready" && twin === null && (
        <Link to="/projects/$projectId/audits/new" params={{ projectId }} search={{ release: id }} className={buttonClass("primary")}>
          Audit this release
        </Link>
      )}
    </>
  );
}
