// Marks of verdicts and states. Only verdicts have a colour.
import type { AuditState, JobState, Verdict } from "@/api/model";
import { classes } from "@/ui/classes";

const COLOURS: Record<Verdict, string> = {
  PASS: "text-pass",
  FAIL: "text-fail",
  INCONCLUSIVE: "text-inconclusive",
};

const WORDS: Record<Verdict, string> = { PASS: "Pass", FAIL: "Fail", INCONCLUSIVE: "Inconclusive" };

export function verdictColour(verdict: Verdict): string {
  return COLOURS[verdict];
}

/**
 * Shows PASS as a disc with a tick, FAIL as an octagon with a cross, INCONCLUSIVE as a half-filled
 * diamond.
 */
export function VerdictShape({ verdict, size = 16 }: { verdict: Verdict; size?: number }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden="true" className="shrink-0">
      {verdict === "PASS" && (
        <>
          <circle cx="8" cy="8" r="7" className="fill-current" />
          <path d="m4.8 8.3 2.2 2.2 4.2-4.6" className="fill-none stroke-page" strokeWidth="1.6" />
        </>
      )}
      {verdict === "FAIL" && (
        <>
          <path d="M5.1 1h5.800L15 5.100v5.800L10.9 15H5.100L1 10.900V5.100z" className="fill-current" />
          <path d="m5.3 5.3 5.4 5.400M10.7 5.300l-5.4 5.4" className="fill-none stroke-page" strokeWidth="1.6" />
        </>
      )}
      {verdict === "INCONCLUSIVE" && (
        <>
          <path d="M8 1.2 14.8 8 8 14.8 1.2 8z" className="fill-none stroke-current" strokeWidth="1.5" />
          <path d="M8 1.200V14.800L1.2 8z" className="fill-current" />
        </>
      )}
    </svg>
  );
}

export function VerdictMark({ verdict, className }: { verdict: Verdict; className?: string }) {
  return (
    <span className={classes("inline-flex items-center gap-1.5 align-bottom font-medium", COLOURS[verdict], className)}>
      <VerdictShape verdict={verdict} />
      {WORDS[verdict]}
    </span>
  );
}

export type Progress = JobState | AuditState;

const PROGRESS_WORDS: Record<Progress, string> = {
  waiting: "Waiting",
  queued: "Queued",
  running: "Running",
  cancelling: "Stopping",
  succeeded: "Done",
  failed: "Did not finish",
  cancelled: "Cancelled",
};

export function progressWord(state: Progress): string {
  return PROGRESS_WORDS[state];
}

/** Shows a state in neutral colours. Red, amber and green are for verdicts only. */
export function ProgressMark({ state, words }: { state: Progress; words?: string }) {
  const running = state === "running" || state === "cancelling";
  return (
    <span className={classes("inline-flex items-center gap-1.5 align-bottom", running ? "text-accent font-medium" : "text-ink-2")}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" className="shrink-0">
        <circle
          cx="8"
          cy="8"
          r="5.5"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          strokeDasharray={state === "waiting" || state === "queued" ? "2 2.3" : undefined}
        />
        {running && <path d="M8 4.500a3.5 3.5 0 0 1 0 7z" fill="currentColor" className="stage-working" />}
        {state === "succeeded" && <path d="m5.5 8.2 1.8 1.8 3.2-3.8" fill="none" stroke="currentColor" strokeWidth="1.5" />}
        {state === "failed" && <path d="M8 5v3.600M8 10.600v.4" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />}
        {state === "cancelled" && <path d="M5.3 8h5.4" stroke="currentColor" strokeWidth="1.6" />}
      </svg>
      {words ?? PROGRESS_WORDS[state]}
    </span>
  );
}
