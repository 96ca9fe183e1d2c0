// Marks of the release gate: the outcome of a decision, and of each of its rules.
import type { Decision, RuleReading, Verdict } from "@/api/model";
import { classes } from "@/ui/classes";
import { VerdictShape, verdictColour } from "@/ui/VerdictMark";

export type RuleOutcome = RuleReading["outcome"];

const LOOKS: Partial<Record<RuleOutcome, Verdict>> = { pass: "PASS", fail: "FAIL", warn: "INCONCLUSIVE", inconclusive: "INCONCLUSIVE" };

const WORDS: Record<RuleOutcome, string> = {
  pass: "Met",
  warn: "Warning",
  fail: "Failed",
  inconclusive: "Undecided",
  waived: "Waived",
  not_asked: "Not asked",
};

const GATE_WORDS: Record<Decision["outcome"], string> = { pass: "Passed", warn: "Passed with warnings", fail: "Failed" };

/** Return the verdict whose colour and shape an outcome has. Null for neutral ones. */
export function lookOf(outcome: RuleOutcome): Verdict | null {
  return LOOKS[outcome] ?? null;
}

function Mark({ outcome, words, className }: { outcome: RuleOutcome; words: string; className?: string }) {
  const look = lookOf(outcome);
  return (
    <span className={classes("inline-flex items-center gap-1.5 align-bottom", look ? `font-medium ${verdictColour(look)}` : "text-ink-2", className)}>
      {look ? <VerdictShape verdict={look} /> : <Neutral waived={outcome === "waived"} />}
      {words}
    </span>
  );
}

/** Shows a waiver as a ring with a tick, and a rule that was not asked as a ring with a bar. */
function Neutral({ waived }: { waived: boolean }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" className="shrink-0">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray={waived ? undefined : "2 2.3"} />
      {waived && <path d="m5.5 8.2 1.8 1.8 3.2-3.8" fill="none" stroke="currentColor" strokeWidth="1.5" />}
    </svg>
  );
}

export function RuleMark({ outcome }: { outcome: RuleOutcome }) {
  return <Mark outcome={outcome} words={WORDS[outcome]} className="whitespace-nowrap" />;
}

export function GateMark({ outcome }: { outcome: Decision["outcome"] }) {
  return <Mark outcome={outcome} words={GATE_WORDS[outcome]} />;
}
