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
    placeholderData: keepSameList<Pages<Row>>(key),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<Row>) => last.next_cursor,
    refetchInterval: (query: Query<Page<Row>, Error, Pages<Row>>) => (poll && rowsOf(query.state.data).some(poll.while) ? poll.every : false),
  });
}

/** Return the rows of all pages that were read. */
export function rowsOf<Row>(data: { pages: readonly Page<Row>[] } | undefined): Row[] {
  return data?.pages.flatMap((page) => page.items) ?? [];
}

/**
 * Return `placeholderData` of a query whose key differs from the one before in its last part only.
 * Rows of another project, or an identity of another audit, are not shown meanwhile.
 */
export function keepSameList<Data>(key: QueryKey) {
  const list = (one: QueryKey) => hashKey(one.slice(0, -1));
  return (data: Data | undefined, query: { queryKey: QueryKey } | undefined) => (query !== undefined && list(query.queryKey) === list(key) ? data : undefined);
}
