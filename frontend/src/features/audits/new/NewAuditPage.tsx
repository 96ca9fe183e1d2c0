// The page of a new audit, with the form of its address or of an earlier audit.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useRouterState, useSearch } from "@tanstack/react-router";
import type { Audit } from "@/api/model";
import { formOfSearch } from "@/features/audits/new/address";
import { formAgain, searchOfAudit } from "@/features/audits/new/again";
import { lostInputs } from "@/features/audits/new/lost";
import { NewAuditForm } from "@/features/audits/new/NewAuditForm";
import { auditQuery } from "@/features/audits/queries";
import { datasetsQuery } from "@/features/datasets/queries";
import { releasesQuery } from "@/features/models/queries";
import { projectsQuery } from "@/features/projects/queries";
import { bundledQuery, verifiersQuery } from "@/features/verifiers/queries";
import { Notice, ProblemNotice } from "@/ui/Notice";
import { Loading, Page } from "@/ui/Page";
import { When } from "@/ui/When";

export function NewAuditPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/audits/new" });
  const search = useSearch({ from: "/signed-in/projects/$projectId/audits/new" });
  const entry = useRouterState({ select: ({ location }) => location.state.__TSR_index }); // of the history: Back leads to another form
  const releases = useQuery(releasesQuery(projectId));
  const datasets = useQuery(datasetsQuery(projectId));
  const verifiers = useQuery(verifiersQuery(projectId));
  const bundled = useQuery(bundledQuery);
  const before = useQuery({ ...auditQuery(search.again ?? ""), enabled: search.again !== undefined });
  const { data: projects } = useQuery(projectsQuery);
  const loaded = releases.data && datasets.data && verifiers.data && bundled.data && (search.again === undefined || before.data);
  if (!loaded) {
    const error = releases.error ?? datasets.error ?? verifiers.error ?? bundled.error ?? before.error;
    return <Page title="New audit">{error ? <ProblemNotice error={error} /> : <Loading what="models and images" />}</Page>;
  }
  const choices = { releases: releases.data, datasets: datasets.data, verifiers: verifiers.data, bundled: bundled.data };
  const project = (projects?.length ?? 0) > 1 ? projects?.find((one) => one.id === projectId)?.name : undefined;
  const audit = before.data;
  const fresh = audit !== undefined && Object.keys(search).length === 1; // nothing was changed yet
  const initial = fresh ? formAgain(audit, choices) : formOfSearch(search, choices);
  const lost = lostInputs(fresh ? searchOfAudit(audit) : search, initial);
  return (
    <Page
      title="New audit"
      lead="The plan is fixed and gets a digest when you start. Reconstructions are frozen before they are compared with private images."
    >
      {audit && <FilledFrom audit={audit} />}
      {lost.length > 0 && (
        <div className="mb-6 max-w-2xl">
          <Notice title="Not everything could be filled in">Not available here: {lost.join(", ")}. Choose again.</Notice>
        </div>
      )}
      <NewAuditForm
        key={`${entry} ${search.again ?? ""}`}
        projectId={projectId}
        projectName={project}
        choices={choices}
        initial={initial}
        earlier={audit && { declaredBy: audit.declared_by, statement: audit.declaration }}
      />
    </Page>
  );
}

function FilledFrom({ audit }: { audit: Audit }) {
  return (
    <div className="mb-6 max-w-2xl">
      <Notice title="Filled from an earlier audit">
        The plan is that of{" "}
        <Link to="/audits/$auditId" params={{ auditId: audit.id }} className="text-accent underline underline-offset-2">
          the audit of {audit.release.target_name} {audit.release.version}
        </Link>
        , started <When at={audit.created_at} />. Change what you like. The declaration is made anew.
      </Notice>
    </div>
  );
}
