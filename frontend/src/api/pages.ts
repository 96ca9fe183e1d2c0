// Reads lists: all of their pages, or one page after another.
import { hashKey, type InfiniteData, infiniteQueryOptions, type Query, type QueryKey } from "@tanstack/react-query";
import type { Page } from "@/api/model";

export async function everyPage<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    all.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

interface Searched<Row> {
  /** A key whose last part is the search. Those before it name the list. */
  key: QueryKey;
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Row>>;
  /** Milliseconds after which the list is read again, while one of its rows changes by itself. */
  poll?: { every: number; while: (row: Row) => boolean };
}

type Pages<Row> = InfiniteData<Page<Row>, string | null>;

/** Options of a query that reads one page after another of a list that the server searches. */
export function searchedQuery<Row>({ key, read, poll }: Searched<Row>) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam ?? undefined, signal),
    placeholderData: (data: Pages<Row> | undefined, query: { queryKey: QueryKey } | undefined) =>
      query !== undefined && isSameList(query.queryKey, key) ? data : undefined,
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<Row>) => last.next_cursor,
    refetchInterval: (query: Query<Page<Row>, Error, Pages<Row>>) => (poll && rowsOf(query.state.data).some(poll.while) ? poll.every : false),
  });
}

/** Return the rows of all pages that were read. */
export function rowsOf<Row>(data: { pages: readonly Page<Row>[] } | undefined): Row[] {
  return data?.pages.flatMap((page) => page.items) ?? [];
}

/** Return whether two keys are of the same list. Rows of another project are not shown meanwhile. */
function isSameList(one: QueryKey, other: QueryKey): boolean {
  return hashKey(one.slice(0, -1)) === hashKey(other.slice(0, -1));
}
