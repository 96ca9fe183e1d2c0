// Filters of the identities, by name and outcome.
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { IdentityOutcome, Noun } from "@/api/model";
import { counted } from "@/features/audits/noun";
import type { IdentityFilter } from "@/features/audits/search";
import { Select, TextInput } from "@/ui/Field";

const CHOICES: { value: IdentityFilter; words: string }[] = [
  { value: "all", words: "All outcomes" },
  { value: "verified", words: "Recognised" },
  { value: "missed", words: "Not recognised" },
  { value: "control", words: "A control was recognised too" },
];

export function matches(identity: IdentityOutcome, show: IdentityFilter, find: string): boolean {
  if (find !== "" && !identity.name.toLowerCase().includes(find.toLowerCase())) return false;
  switch (show) {
    case "verified":
      return identity.verified === true;
    case "missed":
      return identity.verified === false;
    case "control":
      return identity.control_verified === true;
    case "all":
      return true;
  }
}

export function IdentityFilters({ shown, all, noun }: { shown: number; all: number; noun: Noun }) {
  const search = useSearch({ from: "/signed-in/audits/$auditId" });
  const navigate = useNavigate({ from: "/audits/$auditId" });
  const set = (change: { find?: string; show?: IdentityFilter }) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false });
  return (
    <div className="mb-2 flex flex-wrap items-center gap-2">
      <TextInput
        type="search"
        aria-label={`Find ${noun.many} by name`}
        placeholder="Find by name"
        value={search.find ?? ""}
        onChange={(event) => set({ find: event.target.value || undefined })}
        className="h-8 max-w-52 text-sm"
      />
      <Select
        aria-label="Outcome"
        value={search.show ?? "all"}
        onChange={(event) => {
          const show = event.target.value as IdentityFilter;
          set({ show: show === "all" ? undefined : show });
        }}
        className="h-8 max-w-64 text-sm"
      >
        {CHOICES.map(({ value, words }) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </Select>
      <p role="status" className="text-ink-3 figures ml-auto text-sm">
        {shown === all ? counted(all, noun) : `${shown} of ${counted(all, noun)}`}
      </p>
    </div>
  );
}
