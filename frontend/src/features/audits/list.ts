// Search, filters and order of the list of audits.
import type { AuditState, Verdict } from "@/api/model";
import { shellWord } from "@/format/shell";
import type { ListChoice } from "@/ui/ListBar";
import { listSearch, valuesOf } from "@/ui/listSearch";

type Name = "state" | "verdict" | "sort";
export type AuditListSearch = Partial<Record<Name | "q", string>>;
type AuditOrder = "-created_at" | "created_at" | "-risk" | "risk" | "target" | "-finished_at";

const STATES: Record<string, readonly AuditState[]> = {
  unfinished: ["queued", "running", "cancelling"],
  succeeded: ["succeeded"],
  failed: ["failed"],
  cancelled: ["cancelled"],
};

export const AUDIT_CHOICES: readonly ListChoice<Name>[] = [
  {
    name: "verdict",
    label: "Verdict",
    options: [
      ["", "Any"],
      ["FAIL", "Fail"],
      ["INCONCLUSIVE", "Inconclusive"],
      ["PASS", "Pass"],
    ],
  },
  {
    name: "state",
    label: "State",
    options: [
      ["", "Any"],
      ["unfinished", "Waiting or running"],
      ["succeeded", "Done"],
      ["failed", "Did not finish"],
      ["cancelled", "Cancelled"],
    ],
  },
  {
    name: "sort",
    label: "Order",
    options: [
      ["", "Newest first"],
      ["created_at", "Oldest first"],
      ["-risk", "Highest risk first"],
      ["risk", "Lowest risk first"],
      ["target", "By target"],
      ["-finished_at", "Last finished first"],
    ],
  },
];

export function validateAuditList(search: Record<string, unknown>): AuditListSearch {
  return listSearch(search, valuesOf(AUDIT_CHOICES));
}

/** Return the parameters of the request. */
export function auditQueryOf({ q, state, verdict, sort }: AuditListSearch) {
  return {
    q,
    state: state === undefined ? undefined : [...(STATES[state] ?? [])],
    verdict: verdict === undefined ? undefined : [verdict as Verdict],
    sort: sort as AuditOrder | undefined,
  };
}

/** Return the command that prints the same list. */
export function auditListCommand({ q, state, verdict, sort }: AuditListSearch): string {
  const words = ["exhume audit list"];
  if (q !== undefined) words.push(`--search=${shellWord(q)}`);
  words.push(...(state === undefined ? [] : (STATES[state] ?? []).map((one) => `--state ${one}`)));
  if (verdict !== undefined) words.push(`--verdict ${verdict}`);
  if (sort !== undefined) words.push(`--sort=${sort}`);
  return words.join(" ");
}
