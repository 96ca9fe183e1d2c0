// Signed-in browsers: those of the signed-in person, or of the whole organisation.
import { useInfiniteQuery } from "@tanstack/react-query";
import { SESSION_CHOICES, type SessionSearch } from "@/features/account/list";
import { searchedSessionsQuery } from "@/features/account/queries";
import { SessionTable } from "@/features/account/SessionTable";
import { SearchedList } from "@/ui/SearchedList";

interface Props {
  everybody: boolean;
  caption: string;
  values: SessionSearch;
  onChange: (values: SessionSearch) => void;
}

export function Sessions({ everybody, caption, values, onChange }: Props) {
  const sessions = useInfiniteQuery(searchedSessionsQuery(everybody, values));
  return (
    <SearchedList what="sessions" list={sessions} values={values} choices={SESSION_CHOICES} onChange={onChange} barFrom={6} empty={<p className="text-ink-3 text-sm">None.</p>}>
      {(rows) => <SessionTable caption={caption} rows={rows} />}
    </SearchedList>
  );
}
