// A list with its search: what is shown while it loads, where nothing matches, and below its rows.
import type { ReactNode } from "react";
import { placed } from "@/api/faults";
import type { Page } from "@/api/model";
import { rowsOf } from "@/api/pages";
import { Button } from "@/ui/Button";
import { ListBar, type ListChoice } from "@/ui/ListBar";
import { narrows } from "@/ui/listSearch";
import { ProblemNotice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";

/** What a query of `searchedQuery` returns. */
export interface Listed<Row> {
  data: { pages: readonly Page<Row>[] } | undefined;
  isPending: boolean;
  /** The rows are those of the search before, until the next ones arrive. */
  isPlaceholderData: boolean;
  error: unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

interface Props<Row, Name extends string> {
  /** What is listed, in the plural. */
  what: string;
  list: Listed<Row>;
  values: Partial<Record<Name | "q", string>>;
  choices: readonly ListChoice<Name>[];
  onChange: (values: Partial<Record<Name | "q", string>>) => void;
  /** More fields of the search. */
  fields?: ReactNode;
  /** Shown in place of an empty list that is not searched. */
  empty?: ReactNode;
  /** The newest come first, unless the search has another order, so that further rows are older ones. */
  newestFirst?: boolean;
  /** The number of rows from which a search is offered. 1 by default. */
  barFrom?: number;
  /** Shown at the end of the row of that button. */
  aside?: ReactNode;
  children: (rows: readonly Row[]) => ReactNode;
}

const FIELDS = { paths: { "query.q": "q" } } as const;

export function SearchedList<Row, Name extends string>({ what, list, values, choices, onChange, fields, empty, newestFirst = false, barFrom = 1, aside, children }: Props<Row, Name>) {
  const rows = rowsOf(list.data);
  const older = newestFirst && !("sort" in values && values.sort !== undefined);
  const narrowed = narrows(values);
  const used = Object.values(values).some((value) => value !== undefined);
  const { at, rest } = placed(list.error, FIELDS);
  const between = list.isPlaceholderData && rows.length === 0; // that the last search had none says nothing of this one
  const none = list.data !== undefined && rows.length === 0 && !between;
  if (none && !narrowed) return empty;
  return (
    <>
      {(rows.length >= barFrom || used || between || list.hasNextPage) && (
        <ListBar what={what} values={values} choices={choices} onChange={onChange} problem={at.q}>
          {fields}
        </ListBar>
      )}
      {rest !== null && <ProblemNotice error={rest} />}
      {(list.isPending || between) && <Loading what={what} />}
      {none && (
        <div role="status" className="text-ink-2 flex flex-wrap items-center gap-x-4 gap-y-2 py-6">
          <p>None of the {what} match this search.</p>
          <Button onClick={() => onChange({})}>Clear the search</Button>
        </div>
      )}
      {rows.length > 0 && children(rows)}
      {(list.hasNextPage || aside) && rows.length > 0 && (
        <div className="mt-4 flex flex-wrap items-end justify-between gap-4">
          {list.hasNextPage && (
            <Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>
              {list.isFetchingNextPage ? "Loading …" : `Show ${older ? "older" : "more"} ${what}`}
            </Button>
          )}
          {aside}
        </div>
      )}
    </>
  );
}
