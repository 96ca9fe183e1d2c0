// The estimate of a new audit: duration, memory and possible conclusions.
import type { UseQueryResult } from "@tanstack/react-query";
import type { Estimate } from "@/api/model";
import { waitWords } from "@/features/audits/queueWords";
import { auditCommand } from "@/features/audits/new/command";
import { type AuditForm, type Choices, estimateRequestOf, NEWEST, NONE, releaseLabel } from "@/features/audits/new/form";
import { chosen, FITTING } from "@/features/audits/new/options";
import { STAGE_WORDS, STAGES } from "@/features/audits/stages";
import { bytes, duration } from "@/format/numbers";
import { CommandLine } from "@/ui/Copy";
import { ProblemNotice } from "@/ui/Notice";

interface Props {
  projectName: string | undefined;
  form: AuditForm;
  choices: Choices;
  estimate: UseQueryResult<Estimate | null>;
  /** Whether the form changed since the estimate was asked for. */
  changing: boolean;
}

export function EstimatePanel({ projectName, form, choices, estimate, changing }: Props) {
  const asked = estimateRequestOf(form) !== null;
  const stages = STAGES.flatMap((stage) => {
    const seconds = estimate.data?.stages[stage];
    return seconds === undefined ? [] : [{ stage, seconds }];
  });
  const total = estimate.data?.seconds ?? stages.reduce((sum, { seconds }) => sum + seconds, 0);
  return (
    <aside aria-label="Estimate" className="xl:sticky xl:top-7 xl:col-start-2 xl:row-span-2 xl:row-start-1 xl:self-start">
      <h2 className="text-lg font-semibold">Before it starts</h2>
      <div aria-live="polite" className="mt-2">
        {!asked && <p className="text-ink-2 text-sm">Choose a release and public images to see the estimate.</p>}
        {asked && (changing || estimate.isPending) && <p className="text-ink-3 text-sm">Estimating …</p>}
        {asked && !changing && estimate.isError && <ProblemNotice error={estimate.error} title="This audit cannot start" />}
        {asked && !changing && estimate.data && (
          <>
            <p className="figures text-2xl font-medium tracking-tight">about {duration(total)}</p>
            {estimate.data.queue && <p className="text-ink-2 text-sm">{waitWords(estimate.data.queue)}</p>}
            {(estimate.data.attacks ?? []).map((label) => (
              <p key={label} className="text-ink-2 text-sm">
                {label}
              </p>
            ))}
            {estimate.data.memory_bytes && (
              <p className="text-ink-2 text-sm">up to {bytes(estimate.data.memory_bytes)} of memory on a worker</p>
            )}
            {stages.length > 0 && (
              <dl aria-label="Estimated time of each stage" className="mt-3 text-sm">
                {stages.map(({ stage, seconds }) => (
                  <div key={stage} className="border-line flex justify-between gap-6 border-b px-2 py-1.5">
                    <dt className="text-ink-3">{STAGE_WORDS[stage].name}</dt>
                    <dd className="figures">{duration(seconds)}</dd>
                  </div>
                ))}
              </dl>
            )}
            {estimate.data.concludes.length > 0 && (
              <>
                <h3 className="mt-5 font-semibold">Possible conclusions</h3>
                <ul className="text-ink-2 mt-1 list-disc space-y-1 pl-4 text-sm">
                  {estimate.data.concludes.map((sentence) => (
                    <li key={sentence}>{sentence}</li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </div>
      <div className="mt-6">
        <CommandLine command={commandOf(form, choices, projectName)} />
      </div>
    </aside>
  );
}

function commandOf(form: AuditForm, { releases, datasets, verifiers }: Choices, project: string | undefined): string {
  const release = releases.find((one) => one.id === form.release);
  const named = (id: string) => datasets.find((set) => set.id === id)?.name;
  const twin = releases.find((one) => one.id === form.twin);
  const request = estimateRequestOf(form);
  return auditCommand({
    project,
    release: release ? releaseLabel(release) : "RELEASE",
    publicSet: named(form.publicSet) ?? "NAME",
    privateSet: form.privateSet === NONE ? null : (named(form.privateSet) ?? null),
    gallery: named(form.gallery) ?? null,
    verifiers: form.verifiers.map((id) => verifiers.find((one) => one.id === id)?.name ?? id),
    twin: form.twin === NEWEST ? null : twin ? releaseLabel(twin) : NONE,
    prior: chosen(form.prior),
    releasePlan: form.releasePlan === "undeclared" ? null : form.releasePlan,
    combination: form.combination,
    attacks: form.attack === FITTING ? [] : [form.attack, ...form.others.map(({ name }) => name)],
    setting: chosen(form.setting),
    identities: request?.identities ?? null,
    seed: request?.seed ?? 0,
    effort: form.effort,
    budget: request?.budget ?? 0.05,
    stopEarly: form.stopEarly,
    declaredBy: form.declaredBy.trim(),
    statement: form.statement.trim(),
  });
}
