// A new audit: what is attacked, with which images, how hard, against which budget, and by what right.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";
import { idempotencyKey } from "@/api/client";
import { EstimatePanel } from "@/features/audits/EstimatePanel";
import { type AuditForm, emptyForm, problemsOf, requestOf, takeFrom } from "@/features/audits/form";
import { JudgeFields } from "@/features/audits/JudgeFields";
import { HowFields } from "@/features/audits/HowFields";
import { RightsFields } from "@/features/audits/RightsFields";
import { useStartAudit } from "@/features/audits/queries";
import { WhatFields } from "@/features/audits/WhatFields";
import { datasetsQuery } from "@/features/datasets/queries";
import { releasesQuery } from "@/features/models/queries";
import { bundledQuery, verifiersQuery } from "@/features/verifiers/queries";
import { projectsQuery } from "@/features/projects/queries";
import { Button, buttonClass } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";
import { Loading, Page } from "@/ui/Page";

export function NewAuditPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/audits/new" });
  const search = useSearch({ from: "/signed-in/projects/$projectId/audits/new" });
  const navigate = useNavigate();
  const releases = useQuery(releasesQuery(projectId));
  const datasets = useQuery(datasetsQuery(projectId));
  const verifiers = useQuery(verifiersQuery(projectId));
  const bundled = useQuery(bundledQuery);
  const { data: projects } = useQuery(projectsQuery);
  const start = useStartAudit(projectId);
  const [form, setForm] = useState<AuditForm>(() => emptyForm(search));
  const [tried, setTried] = useState(false);
  const [key] = useState(idempotencyKey);

  const loaded = releases.data && datasets.data && verifiers.data && bundled.data;
  if (!loaded) {
    const error = releases.error ?? datasets.error ?? verifiers.error ?? bundled.error;
    return <Page title="New audit">{error ? <ProblemNotice error={error} /> : <Loading what="models and images" />}</Page>;
  }
  const choices = { releases: releases.data, datasets: datasets.data, verifiers: verifiers.data, bundled: bundled.data };
  const filled = takeFrom(form, choices);
  const problems = problemsOf(filled, choices);
  const set = (change: Partial<AuditForm>) => setForm((old) => ({ ...takeFrom(old, choices), ...change }));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    const request = requestOf(filled);
    if (Object.keys(problems).length > 0 || !request) return;
    start.mutate(
      { request, key },
      { onSuccess: (audit) => void navigate({ to: "/audits/$auditId", params: { auditId: audit.id } }) },
    );
  };
  const project = (projects?.length ?? 0) > 1 ? projects?.find((one) => one.id === projectId)?.name : undefined;
  return (
    <Page
      title="New audit"
      lead="The plan is fixed and hashed when you start; reconstructions are frozen before any private image is opened."
    >
      <form onSubmit={submit} noValidate className="grid gap-x-12 gap-y-8 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="max-w-2xl space-y-10">
          <WhatFields projectId={projectId} form={filled} set={set} choices={choices} problems={tried ? problems : {}} />
          <HowFields form={filled} set={set} choices={choices} problems={tried ? problems : {}} />
          <JudgeFields projectId={projectId} form={filled} set={set} choices={choices} problems={tried ? problems : {}} />
          <RightsFields form={filled} set={set} problems={tried ? problems : {}} />
          {start.isError && <ProblemNotice error={start.error} title="The audit was not started" />}
          <div className="flex gap-2">
            <Button type="submit" look="primary" disabled={start.isPending}>
              {start.isPending ? "Starting …" : "Start the audit"}
            </Button>
            <Link to="/projects/$projectId/audits" params={{ projectId }} className={buttonClass("quiet")}>
              Back
            </Link>
          </div>
        </div>
        <EstimatePanel projectId={projectId} projectName={project} form={filled} choices={choices} />
      </form>
    </Page>
  );
}
