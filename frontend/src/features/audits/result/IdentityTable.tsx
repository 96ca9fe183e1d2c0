// The table of attacked identities. Sorting and filters are kept in the address.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Audit, IdentityOutcome, Noun } from "@/api/model";
import { byExposure } from "@/features/audits/result/exposure";
import { ExposureStrip } from "@/features/audits/result/ExposureStrip";
import { identityColumns, identityCsv } from "@/features/audits/result/identityColumns";
import { capital } from "@/features/audits/noun";
import { IdentityFilters, matches } from "@/features/audits/result/IdentityFilters";
import { toCsv } from "@/plots/csv";
import { saveText } from "@/plots/download";
import { Button } from "@/ui/Button";
import { DataTable } from "@/ui/DataTable";
import { Icon } from "@/ui/Icon";
import { Section } from "@/ui/Page";
import type { SortOrder } from "@/ui/sorting";

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
  const sort = (order: SortOrder | null) =>
    void navigate({
      search: (old) => ({ ...old, sort: order?.id, down: order?.down ? true : undefined }),
      replace: true,
      resetScroll: false,
    });
  if (identities.length === 0) return null; // as where an audit ended before the attack
  const csv = identityCsv(rows);
  const title = capital(noun.many);
  return (
    <Section
      title={title}
      folds
      aside={
        <Button look="quiet" onClick={() => saveText(`${audit.id}-identities.csv`, "text/csv", toCsv(csv.header, csv.body))}>
          <Icon name="download" /> CSV
        </Button>
      }
    >
      <ExposureStrip audit={audit.id} identities={identities} noun={noun} />
      <IdentityFilters shown={rows.length} all={identities.length} noun={noun} />
      <DataTable
        caption={title}
        columns={identityColumns(audit.id)}
        rows={rows}
        rowKey={({ identity }) => identity}
        rowProps={({ identity }) => ({ "data-identity": identity })}
        sorting={{ order: search.sort ? { id: search.sort, down: search.down ?? false } : null, onChange: sort }}
        empty="None match. Clear the filters to see all."
        width="min-w-[58rem]"
        first={30}
      />
    </Section>
  );
}
