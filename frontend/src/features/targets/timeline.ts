// The releases of a target in the order of time, each with its newest audit.
import type { AuditSummary, Regression, Release, StoredDecision } from "@/api/model";
import { isFinished } from "@/features/audits/queries";
import { givenShare, points, pointsSpan, share, span } from "@/format/numbers";
import type { Cell } from "@/plots/csv";
import type { TimelinePoint } from "@/plots/RiskTimeline";

type Regressions = ReadonlyMap<string, Regression>;

export interface TimelineRow {
  release: Release;
  /** The newest audit that ended with a result. */
  audit: AuditSummary | null;
  /** A newer audit, which runs or did not end with a result. */
  later: AuditSummary | null;
  /** The newest decision on the release. */
  decision: StoredDecision | null;
}

/** Return the releases that may ship, newest first. Twins are left out, because they never ship. */
export function timelineRows(releases: readonly Release[], audits: readonly AuditSummary[], decisions: readonly StoredDecision[] = []): TimelineRow[] {
  return releases
    .filter(({ twin_of }) => twin_of === null)
    .toSorted((a, b) => b.created_at.localeCompare(a.created_at))
    .map((release) => {
      const own = audits.filter((audit) => audit.release.id === release.id && audit.replay_of === null);
      const newest = own.toSorted((a, b) => b.created_at.localeCompare(a.created_at));
      const audit = newest.find(({ state }) => state === "succeeded") ?? null;
      const later = newest[0] === audit ? null : (newest[0] ?? null);
      const decision = decisions.filter((one) => one.release_id === release.id).toSorted((a, b) => b.created_at.localeCompare(a.created_at))[0] ?? null;
      return { release, audit, later, decision };
    });
}

/** The change of R against the release before, with whether its 95 % interval lies above zero. */
export interface Change {
  words: string;
  worse: boolean;
}

/** Return the change of R in an audit against the release before it. Null where they were not compared. */
export function changeOf(regression: Regression | undefined): Change | null {
  const difference = regression?.difference;
  if (typeof difference?.value !== "number") return null;
  return { words: `${points(difference.value)} (${pointsSpan(difference)})`, worse: difference.low > 0 };
}

/** Return the points of the plot, oldest first. Releases that were rejected are left out. */
export function timelinePoints(rows: readonly TimelineRow[], regressions: Regressions = new Map()): TimelinePoint[] {
  return rows
    .filter(({ release, audit }) => audit !== null || release.state === "ready")
    .map(({ release, audit }) => ({
      key: release.id,
      label: release.version,
      value: audit?.risk ?? null,
      low: audit?.risk_low ?? null,
      high: audit?.risk_high ?? null,
      budget: audit?.plan.budget ?? null,
      verdict: audit?.verdict ?? null,
      ...rise(audit, regressions),
    }))
    .reverse();
}

function rise(audit: AuditSummary | null, regressions: Regressions): { rise?: string } {
  const regression = audit ? regressions.get(audit.id) : undefined;
  const change = changeOf(regression);
  return change?.worse ? { rise: `R ${change.words} against ${regression?.version ?? "the release before"}` } : {};
}

/** Return the sentence in place of a plot that would have one point. */
export function onlyPoint({ label, value, low, high, budget }: TimelinePoint): string {
  const said = span({ low, high });
  const limits = [said && `a 95\u00a0% interval of ${said}`, budget !== null && `a budget of ${givenShare(budget)}`].filter(Boolean);
  const against = limits.length > 0 ? `, with ${limits.join(" and ")}` : "";
  return `One release is audited so far: R of ${label} is ${share(value)}${against}. A plot appears once there are two.`;
}

/** The plot as a table, for CSV. */
export function timelineTable(drawn: readonly TimelinePoint[]): { header: string[]; body: Cell[][] } {
  return {
    header: ["release", "verdict", "risk", "low", "high", "budget", "worse than the release before"],
    body: drawn.map(({ label, verdict, value, low, high, budget, rise: risen }) => [label, verdict, value, low, high, budget, risen ?? null]),
  };
}

/** Return what is known about a release without a risk. */
export function standing({ release, audit, later }: TimelineRow): string {
  if (later && !isFinished(later)) return "An audit is running.";
  if (audit) return "No reconstruction could be verified.";
  if (later) return later.state === "cancelled" ? "The audit was cancelled." : "The audit ended without a result.";
  return release.state === "ready" ? "Not audited yet." : "Not ready for an audit.";
}
