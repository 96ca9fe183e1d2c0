// The limits of a project as rows: what is used, what is allowed, and what happens beyond it.
import type { ProjectLimits } from "@/api/model";
import { bytes, count, duration } from "@/format/numbers";

type Name = keyof ProjectLimits["limits"];

export interface LimitRow {
  name: Name;
  words: string;
  used: string;
  limit: string;
  /** The used share, from 0 to 1. Null where nothing is counted or nothing limited. */
  share: number | null;
  own: boolean;
  beyond: string;
}

const ROWS: { name: Name; words: string; beyond: string; form: (value: number) => string }[] = [
  { name: "stored_bytes", words: "Stored files", beyond: "no file is accepted", form: bytes },
  { name: "processor_seconds", words: "Time of workers this month", beyond: "no audit is started", form: duration },
  { name: "device_seconds", words: "Of these, on workers with a GPU", beyond: "no audit is started", form: duration },
  { name: "open_jobs", words: "Jobs that wait or run", beyond: "no audit is started", form: count },
  { name: "running_jobs", words: "Stages that run at once", beyond: "further ones wait", form: count },
  { name: "running_checks", words: "Checks that run at once", beyond: "further ones wait", form: count },
  { name: "requests_per_minute", words: "Requests a minute", beyond: "requests are rejected for the rest of the minute", form: count },
  { name: "weight", words: "Weight", beyond: "share of the workers when several projects wait", form: String },
];

export function limitRows({ limits, used, own }: ProjectLimits): LimitRow[] {
  const amounts = new Map<string, number>(Object.entries(used));
  return ROWS.map(({ name, words, beyond, form }) => {
    const limit = limits[name];
    const amount = amounts.get(name);
    return {
      name,
      words,
      beyond,
      used: amount === undefined ? "–" : form(amount),
      limit: limit === null ? "none" : form(limit),
      share: amount === undefined || limit === null ? null : limit === 0 ? 1 : Math.min(1, amount / limit),
      own: (own[name] ?? null) !== null,
    };
  });
}
