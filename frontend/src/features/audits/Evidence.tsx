// What the verdict rests on: evidence level, verifiers, other figures, and what was not tested.
import type { ReactNode } from "react";
import type { Audit, Result } from "@/api/model";
import { Contamination, InputDigests, Intake } from "@/features/audits/Checks";
import { PowerCheck, ThreatModels, TwinControl } from "@/features/audits/Controls";
import { FigureTable } from "@/features/audits/FigureTable";
import { duration } from "@/format/numbers";
import { Verifiers } from "@/features/audits/Verifiers";
import { Section } from "@/ui/Page";
import { Term } from "@/ui/Term";

const LEVELS: Record<Result["evidence_level"], string> = {
  verified: "Private images and at least two independent verifiers: risk, interval and verdict.",
  evaluator: "Private images and one classifier only: uncalibrated, so it can fail or stay open, never pass.",
  unreferenced: "No private images: reconstructions only, so the verdict stays open.",
};

export function Evidence({ audit, result }: { audit: Audit; result: Result }) {
  return (
    <>
      <Section title="What it rests on">
        <dl className="grid max-w-[68rem] gap-x-10 gap-y-6 md:grid-cols-2">
          <Item name={<Term name="evidence">Evidence level</Term>}>
            <span className="font-medium">{result.evidence_level}</span>
            <p className="text-ink-2 text-sm">{LEVELS[result.evidence_level]}</p>
          </Item>
          <PowerCheck power={result.power} />
          <TwinControl twin={result.twin} />
          {result.sampling && (
            <Item name="Sample or all">
              <p className="text-ink-2 text-sm">{result.sampling.words}</p>
            </Item>
          )}
          {result.risk?.method && (
            <Item name="How the risk was computed">
              <p className="text-ink-2 text-sm">{result.risk.method}</p>
            </Item>
          )}
        </dl>
        <ThreatModels result={result} />
        {result.verifiers.length > 0 && <Verifiers result={result} />}
        <FigureTable result={result} />
        <Contamination result={result} />
        <Intake result={result} />
        <InputDigests inputs={result.inputs} />
      </Section>
      <Section title="What it does not say">
        <p className="text-ink-2 max-w-[68ch]">
          A verdict bounds the tested attack at the tested budget on the tested identities of this release; it is not a proof.
          {audit.plan.identity_sample && audit.plan.identity_sample.count < audit.plan.identity_sample.of
            ? ` ${audit.plan.identity_sample.count} of ${audit.plan.identity_sample.of} identities were drawn, by seed ${audit.plan.identity_sample.seed}.`
            : " All identities of the model were attacked."}
        </p>
        {result.not_tested.length > 0 && (
          <>
            <h3 className="mt-3 text-sm font-medium">Not tested</h3>
            <ul className="text-ink-2 mt-1 max-w-[68ch] list-disc space-y-1 pl-4 text-sm">
              {result.not_tested.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </>
        )}
      </Section>
      <Section title="How long it took">
        <StageTimes result={result} />
      </Section>
    </>
  );
}

function Item({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt className="text-ink-3 text-sm">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function StageTimes({ result }: { result: Result }) {
  const total = result.stages.reduce((sum, stage) => sum + stage.seconds, 0);
  return (
    <p className="text-ink-2 figures text-sm">
      {result.stages.map(({ stage, seconds }) => `${stage} ${duration(seconds)}`).join(" · ")}
      {result.stages.length > 0 && ` · ${duration(total)} of work in all`}
    </p>
  );
}
