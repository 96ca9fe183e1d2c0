// Search, filters and order of the lists of receipts and of legal holds, which share a page.
import type { ListQuery } from "@/api/model";
import { flag, order } from "@/ui/listChoices";
import { kindWord, RECEIPT_KINDS } from "@/features/deletions/words";
import type { ListChoice } from "@/ui/ListBar";
import { type ListSearch, listSearch, valuesOf } from "@/ui/listSearch";

type Name = "kind" | "sort";
export type ReceiptSearch = ListSearch<Name>;
export type HoldSearch = ListSearch<"released" | "sort">;

export const RECEIPT_CHOICES: readonly ListChoice<Name>[] = [
  { name: "kind", label: "Deleted", options: [["", "Anything"], ...RECEIPT_KINDS.map((kind) => [kind, kindWord(kind)] as const)] },
  order(),
];

export const HOLD_CHOICES: readonly ListChoice<"released" | "sort">[] = [
  {
    name: "released",
    label: "State",
    options: [
      ["", "Any"],
      ["false", "In force"],
      ["true", "Released"],
    ],
  },
  order(),
];

const receipt = valuesOf(RECEIPT_CHOICES);
const hold = valuesOf(HOLD_CHOICES);

/** Those of the holds begin with their name in the address. */
export function validateDeletions(search: Record<string, unknown>) {
  return listSearch(search, { ...receipt, holds: "text", holdReleased: hold.released, holdSort: hold.sort });
}

/** Return the parameters of the request for receipts. */
export function receiptQueryOf({ q, kind, sort }: ReceiptSearch): ListQuery<"deletions-list_receipts"> {
  return { q, kind, sort: sort as ListQuery<"deletions-list_receipts">["sort"] };
}

/** Return the parameters of the request for holds. */
export function holdQueryOf({ q, released, sort }: HoldSearch): ListQuery<"holds-list"> {
  return { q, released: flag(released), sort: sort as ListQuery<"holds-list">["sort"] };
}
