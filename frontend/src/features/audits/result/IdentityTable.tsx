// Every identity that was attacked: sortable, filterable, with its choices kept in the address.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { flexRender, getCoreRowModel, getSortedRowModel, type SortingState, useReactTable } from "@tanstack/react-table";
import { useMemo } from "react";
import type { Audit, IdentityOutcome, Noun } from "@/api/model";
import { byExposure } from "@/features/audits/result/exposure";
import { ExposureStrip } from "@/features/audits/result/ExposureStrip";
import { IDENTITY_COLUMNS, identityCsv } from "@/features/audits/result/identityColumns";
import { capital } from "@/features/audits/noun";
import { IdentityFilters, matches } from "@/features/audits/result/IdentityFilters";
import { toCsv } from "@/plots/csv";
import { saveText } from "@/plots/download";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Section } from "@/ui/Page";

interface Props {
  audit: Audit;
  identities: readonly IdentityOutcome[];
  noun: Noun;
}

export function IdentityTable({ audit, identities, noun }: Props) {
  const search = useSearch({ from: "/signed-in/audits/$auditId" });
  const navigate = useNavigate({ from: "/audits/$auditId" });
  const rows = useMemo(
    () => byExposure(identities).filter((identity) => matches(identity, search.show ?? "all", search.find ?? "")),
    [identities, search.show, search.find],
  );
  const sorting = useMemo<SortingState>(
    () => (search.sort ? [{ id: search.sort, desc: search.down ?? false }] : []),
    [search.sort, search.down],
  );
  const table = useReactTable({
    data: rows,
    columns: IDENTITY_COLUMNS,
    state: { sorting },
    enableSortingRemoval: true,
    autoResetPageIndex: false, // there are no pages, and resetting them renders again
    onSortingChange: (change) => {
      const [first] = typeof change === "function" ? change(sorting) : change;
      void navigate({
        search: (old) => ({ ...old, sort: first?.id, down: first?.desc ? true : undefined }),
        replace: true,
        resetScroll: false,
      });
    },
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    getRowId: (row) => String(row.identity),
  });
  if (identities.length === 0) return null; // as where an audit ended before the attack
  const csv = identityCsv(rows);
  const title = capital(noun.many);
  return (
    <Section
      title={title}
      aside={
        <Button look="quiet" onClick={() => saveText(`${audit.id}-identities.csv`, "text/csv", toCsv(csv.header, csv.body))}>
          <Icon name="download" /> CSV
        </Button>
      }
    >
      <ExposureStrip identities={identities} noun={noun} />
      <IdentityFilters shown={rows.length} all={identities.length} noun={noun} />
      <div className="-mx-2 max-h-[36rem] relative overflow-auto px-2" tabIndex={0} role="region" aria-label={`${title}, scrollable`}>
        <table className="data-table min-w-[58rem]">
          <thead className="bg-page sticky top-0 z-10">
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => {
                  const { meta } = header.column.columnDef;
                  const sorted = header.column.getIsSorted();
                  return (
                    <th
                      key={header.id}
                      scope="col"
                      className={meta?.number ? "number" : undefined}
                      aria-sort={sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : undefined}
                    >
                      <span className="inline-flex items-center gap-1">
                        {flexRender(header.column.columnDef.header, header.getContext())}
                        <SortButton
                          words={meta?.words ?? header.id}
                          sorted={sorted}
                          onClick={(event) => header.column.getToggleSortingHandler()?.(event)}
                        />
                      </span>
                    </th>
                  );
                })}
              </tr>
            ))}
          </thead>
          <tbody>
            {table.getRowModel().rows.map((row) => (
              <tr key={row.id} data-identity={row.id}>
                {row.getVisibleCells().map((cell) => (
                  <td key={cell.id} data-part={cell.column.id} className={cell.column.columnDef.meta?.number ? "number" : undefined}>
                    {flexRender(cell.column.columnDef.cell, cell.getContext())}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p className="text-ink-3 py-6 text-sm">None matches. Clear the filter to see all.</p>}
      </div>
    </Section>
  );
}

interface SortProps {
  words: string;
  sorted: "asc" | "desc" | false;
  onClick: (event: unknown) => void;
}

function SortButton({ words, sorted, onClick }: SortProps) {
  return (
    <button
      type="button"
      onClick={onClick}
      aria-label={`Sort by ${words.toLowerCase()}`}
      className={`hover:bg-hover inline-flex size-5 items-center justify-center rounded ${sorted ? "text-ink" : "text-ink-3"}`}
    >
      <Icon name={sorted === "asc" ? "up" : "chevron"} className={sorted ? "size-3.5" : "size-3.5 opacity-60"} />
    </button>
  );
}
