// The evidence of a verdict: evidence level, verifiers, other figures, and limits.
import type { ReactNode } from "react";
import type { Audit, Result } from "@/api/model";
import { Contamination, InputDigests, Intake, Notes } from "@/features/audits/result/Checks";
import { PowerCheck, TwinControl } from "@/features/audits/result/Controls";
import { FigureTable } from "@/features/audits/result/FigureTable";
import { counted, nounOf } from "@/features/audits/noun";
import { STAGE_WORDS } from "@/features/audits/stages";
import { Attacks } from "@/features/audits/result/Attacks";
import { ThreatModels } from "@/features/audits/result/ThreatModels";
import { Verifiers } from "@/features/audits/result/Verifiers";
import { count, duration } from "@/format/numbers";
import { Section } from "@/ui/Page";
import { Term } from "@/ui/Term";

const LEVELS: Record<Result["evidence_level"], string> = {
  verified: "Private images and at least two independent verifiers. Every verdict is possible.",
  evaluator: "Private images and one classifier only, which is uncalibrated. FAIL and INCONCLUSIVE are possible, PASS is not.",
  unreferenced: "No private images. The verdict is INCONCLUSIVE.",
};

export function Evidence({ audit, result }: { audit: Audit; result: Result }) {
  const attacked = !result.stopped;
  return (
    <>
      <Section title="Evidence" folds>
        {attacked && <Basis result={result} />}
        {attacked && <ThreatModels result={result} />}
        <Attacks result={result} />
        {(result.verifiers.length > 0 || result.evaluator) && <Verifiers result={result} />}
        {attacked && <FigureTable result={result} />}
        {attacked && <Contamination result={result} />}
        <Intake result={result} />
        <Notes notes={result.notes.filter((note) => !result.sentence.includes(note))} />
        <InputDigests inputs={result.inputs} />
      </Section>
      <Section title="Limits" folds>
        <p className="text-ink-2 max-w-[68ch]">{attacked ? attackedWords(audit, result) : "Nothing was attacked, so the result says nothing about leaks of this release."}</p>
        {attacked && result.not_tested.length > 0 && (
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
      <Section title="Duration" folds>
        <StageTimes result={result} />
      </Section>
    </>
  );
}

function Basis({ result }: { result: Result }) {
  return (
    <dl className="grid max-w-[68rem] gap-x-10 gap-y-6 md:grid-cols-2">
      <Item name={<Term name="evidence">Evidence level</Term>}>
        <span className="font-medium">{result.evidence_level}</span>
        <p className="text-ink-2 text-sm">{LEVELS[result.evidence_level]}</p>
      </Item>
      <PowerCheck power={result.power} />
      <TwinControl twin={result.twin} noun={nounOf(result)} />
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
  );
}

/** Return the scope of the verdict: all classes with private images, or a sample of them. */
function attackedWords({ plan, release }: Audit, result: Result): string {
  const noun = nounOf(result);
  const sample = plan.identity_sample;
  const bounds = "A verdict bounds the tested attack at the tested budget on the attacked identities of this release. It is not a proof.";
  if (sample.count < sample.of) {
    return `${bounds} ${count(sample.count)} of ${counted(sample.of, noun)} were drawn by seed ${sample.seed}.`;
  }
  if (plan.identities.length < release.classes) {
    return `${bounds} ${count(plan.identities.length)} of the ${counted(release.classes, noun)} of the release were attacked: those with private images.`;
  }
  return `${bounds} All ${counted(plan.identities.length, noun)} of the release were attacked.`;
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
  const ran = result.stopped ? result.stages.filter(({ stage }) => stage === "references") : result.stages; // the others were skipped
  const total = ran.reduce((sum, stage) => sum + stage.seconds, 0);
  const name = (stage: string) => (stage in STAGE_WORDS ? STAGE_WORDS[stage as keyof typeof STAGE_WORDS].name : stage);
  return (
    <p className="text-ink-2 figures text-sm">
      {ran.map(({ stage, seconds }) => `${name(stage)} ${duration(seconds)}`).join(" · ")}
      {result.stopped ? ". The other stages were skipped." : ran.length > 0 && ` · ${duration(total)} of work in total`}
    </p>
  );
}
