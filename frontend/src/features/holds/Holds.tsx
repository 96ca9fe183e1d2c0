// The legal holds of a project.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { HOLD_CHOICES, type HoldSearch } from "@/features/deletions/list";
import { HoldTable } from "@/features/holds/HoldTable";
import { NewHoldForm } from "@/features/holds/NewHoldForm";
import { searchedHoldsQuery } from "@/features/holds/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { Section } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";

interface Props {
  projectId: string;
  values: HoldSearch;
  onChange: (values: HoldSearch) => void;
}

export function Holds({ projectId, values, onChange }: Props) {
  const holds = useInfiniteQuery(searchedHoldsQuery(projectId, values));
  const { data: session } = useQuery(sessionQuery);
  const [adding, setAdding] = useState(false);
  const mayHold = session?.scopes.includes("data:hold") ?? false;
  return (
    <Section title="Legal holds" aside={mayHold && !adding && <Button onClick={() => setAdding(true)}>Place a hold</Button>}>
      <p className="text-ink-2 mb-3 max-w-[68ch] text-sm">A hold forbids deletion, by people and at the end of the retention, until it is released.</p>
      {adding && <NewHoldForm projectId={projectId} onClose={() => setAdding(false)} />}
      <SearchedList what="legal holds" list={holds} values={values} choices={HOLD_CHOICES} onChange={onChange} barFrom={6} empty={<HoldTable projectId={projectId} rows={[]} mayRelease={mayHold} />}>
        {(rows) => <HoldTable projectId={projectId} rows={rows} mayRelease={mayHold} />}
      </SearchedList>
    </Section>
  );
}
