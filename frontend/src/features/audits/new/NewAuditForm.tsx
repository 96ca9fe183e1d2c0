// The form of a new audit. Its choices are in the address, and its errors at their fields and
// beside the button.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";
import { idempotencyKey } from "@/api/client";
import { placed } from "@/api/faults";
import { searchOfForm } from "@/features/audits/new/address";
import { Advanced } from "@/features/audits/new/Advanced";
import { EffortField } from "@/features/audits/new/EffortField";
import { EstimatePanel } from "@/features/audits/new/EstimatePanel";
import { SERVICE_FIELDS, summaryOf } from "@/features/audits/new/fields";
import { type AuditForm, type Choices, estimateRequestOf, problemsOf, requestOf, takeFrom } from "@/features/audits/new/form";
import { HowFields } from "@/features/audits/new/HowFields";
import { MissingVerifiers } from "@/features/audits/new/MissingVerifiers";
import { estimateQuery, useStartAudit } from "@/features/audits/new/queries";
import { type Declaration, RightsFields } from "@/features/audits/new/RightsFields";
import { useSettled } from "@/features/audits/new/useSettled";
import { VerifierFields } from "@/features/audits/new/VerifierFields";
import { WhatFields } from "@/features/audits/new/WhatFields";
import { Button, buttonClass } from "@/ui/Button";
import { ErrorSummary } from "@/ui/ErrorSummary";
import { ProblemNotice } from "@/ui/Notice";

interface Props {
  projectId: string;
  /** The name that the command needs where there are several projects. */
  projectName: string | undefined;
  choices: Choices;
  initial: AuditForm;
  /** The declaration of the audit that is started again. */
  earlier: Declaration | undefined;
}

export function NewAuditForm({ projectId, projectName, choices, initial, earlier }: Props) {
  const navigate = useNavigate({ from: "/projects/$projectId/audits/new" });
  const start = useStartAudit(projectId);
  const [form, setForm] = useState<AuditForm>(initial);
  const [tried, setTried] = useState(false);
  const [key, setKey] = useState(idempotencyKey);
  const filled = takeFrom(form, choices);
  const request = estimateRequestOf(filled);
  const settled = useSettled(request, 350);
  const estimate = useQuery(estimateQuery(projectId, settled));
  const changing = JSON.stringify(request) !== JSON.stringify(settled); // the estimate is of the form before
  const wrong = problemsOf(filled, choices);
  const rejected = placed(start.error, SERVICE_FIELDS);
  const shown = { ...placed(changing ? null : estimate.error, SERVICE_FIELDS).at, ...rejected.at, ...(tried ? wrong : {}) };
  const set = (change: Partial<AuditForm>) => {
    const changed = { ...filled, ...change };
    setForm(changed);
    setKey(idempotencyKey()); // another request
    start.reset();
    void navigate({ search: ({ again }) => ({ ...searchOfForm(changed), ...(again ? { again } : {}) }), replace: true, resetScroll: false });
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    const body = requestOf(filled);
    if (Object.keys(wrong).length > 0 || !body) return;
    start.mutate(
      { request: body, key },
      { onSuccess: (audit) => void navigate({ to: "/audits/$auditId", params: { auditId: audit.id } }) },
    );
  };
  const fields = { form: filled, set, choices, problems: shown };
  return (
    <form onSubmit={submit} noValidate className="grid grid-cols-[minmax(0,1fr)] gap-x-12 gap-y-6 xl:grid-cols-[minmax(0,1fr)_22rem] xl:grid-rows-[auto_1fr]">
      <div className="max-w-2xl space-y-6">
        <WhatFields projectId={projectId} {...fields} />
        <MissingVerifiers missing={changing ? undefined : estimate.data?.missing_verifiers} />
        <EffortField value={filled.effort} onChange={(effort) => set({ effort })} />
        <Advanced form={filled} problems={shown}>
          <HowFields {...fields} />
          <VerifierFields projectId={projectId} {...fields} />
        </Advanced>
        <RightsFields form={filled} set={set} problems={shown} earlier={earlier} />
      </div>
      <EstimatePanel projectName={projectName} form={filled} choices={choices} estimate={estimate} changing={changing} />
      <div className="max-w-2xl space-y-4">
        {tried && <ErrorSummary title="The audit was not started" errors={summaryOf(shown)} />}
        {rejected.rest !== null && <ProblemNotice error={rejected.rest} title="The audit was not started" />}
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={start.isPending}>
            {start.isPending ? "Starting …" : "Start the audit"}
          </Button>
          <Link to="/projects/$projectId/audits" params={{ projectId }} className={buttonClass("quiet")}>
            Back
          </Link>
        </div>
      </div>
    </form>
  );
}
