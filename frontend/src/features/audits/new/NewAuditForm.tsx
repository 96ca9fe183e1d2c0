// The form of a new audit.
import { Link, useNavigate } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";
import { idempotencyKey } from "@/api/client";
import { EstimatePanel } from "@/features/audits/new/EstimatePanel";
import { type AuditForm, type Choices, problemsOf, requestOf, takeFrom } from "@/features/audits/new/form";
import { HowFields } from "@/features/audits/new/HowFields";
import { useStartAudit } from "@/features/audits/new/queries";
import { RightsFields } from "@/features/audits/new/RightsFields";
import { VerifierFields } from "@/features/audits/new/VerifierFields";
import { WhatFields } from "@/features/audits/new/WhatFields";
import { Button, buttonClass } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";

interface Props {
  projectId: string;
  /** The name that the command needs where there are several projects. */
  projectName: string | undefined;
  choices: Choices;
  initial: AuditForm;
}

export function NewAuditForm({ projectId, projectName, choices, initial }: Props) {
  const navigate = useNavigate();
  const start = useStartAudit(projectId);
  const [form, setForm] = useState<AuditForm>(initial);
  const [tried, setTried] = useState(false);
  const [key] = useState(idempotencyKey);
  const filled = takeFrom(form, choices);
  const problems = problemsOf(filled, choices);
  const shown = tried ? problems : {};
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
  return (
    <form onSubmit={submit} noValidate className="grid gap-x-12 gap-y-8 xl:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="max-w-2xl space-y-10">
        <WhatFields projectId={projectId} form={filled} set={set} choices={choices} problems={shown} />
        <HowFields form={filled} set={set} choices={choices} problems={shown} />
        <VerifierFields projectId={projectId} form={filled} set={set} choices={choices} problems={shown} />
        <RightsFields form={filled} set={set} problems={shown} />
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
      <EstimatePanel projectId={projectId} projectName={projectName} form={filled} choices={choices} />
    </form>
  );
}
