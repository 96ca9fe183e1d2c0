// The results of a blind line-up: people, chance and verifiers on the same reconstructions.
import type { BlindLineUpResult } from "@/api/model";
import { count, decimal, plural, share, span } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";

type Rate = NonNullable<BlindLineUpResult["matched"]>;
type Beside = BlindLineUpResult["verifiers"][number];

interface Row {
  id: string;
  label: string;
  meaning: string;
  rate: Rate;
}

const RATES: readonly [id: "matched" | "others" | "matched_when_sure" | "false_alarms" | "sensitivity" | "specificity", label: string, meaning: string][] = [
  ["matched", "Match rate", "reconstructions matched to the right person"],
  ["matched_when_sure", "Match rate when sure", "the same, over answers that were not marked as unsure"],
  ["others", "Another person", "reconstructions matched to another person"],
  ["false_alarms", "False alarms", "controls, which show nobody, matched to anybody"],
  ["sensitivity", "Sensitivity of people", "photographs matched to their person"],
  ["specificity", "Specificity of people", "controls answered with none of these"],
];

export function Results({ result }: { result: BlindLineUpResult }) {
  const rows = RATES.flatMap(([id, label, meaning]): Row[] => {
    const rate = result[id];
    return rate ? [{ id, label, meaning, rate }] : [];
  });
  return (
    <>
      <p className="max-w-[60ch] text-lg font-medium">{result.sentence}</p>
      <p className="text-ink-2 mt-1 mb-5 max-w-[68ch] text-sm">
        Guessing among {result.candidates} candidates matches {share(result.chance)}.
        {result.agreement !== null && (
          <>
            {" "}
            Agreement of the reviewers (Krippendorff’s alpha): <span data-figure="agreement">{decimal(result.agreement)}</span>, where 1 is full agreement and
            0 that of chance.
          </>
        )}
        {result.seconds !== null && <> Median time of an answer: {Math.round(result.seconds)} s.</>} People change neither R nor the verdict.
      </p>
      <DataTable caption="What people recognise" columns={RATE_COLUMNS} rows={rows} rowKey={({ id }) => id} rowProps={({ id }) => ({ "data-figure": id })} width="max-w-3xl" />
      {result.sensitivity === null && <p className="text-ink-3 mt-2 text-sm">Too few people have two photographs, so the sensitivity of people was not measured.</p>}
      <h3 className="mt-8 mb-1 font-semibold">People beside the verifiers</h3>
      <p className="text-ink-2 mb-2 max-w-[68ch] text-sm">
        Reconstructions that a verifier recognises, those of them that more than half of the reviewers confirm, and those that only people match.
      </p>
      <DataTable
        caption="Reconstructions recognised by verifiers and by the majority of the reviewers"
        columns={BESIDE_COLUMNS}
        rows={result.verifiers}
        rowKey={({ name }) => name ?? ""}
        width="max-w-3xl"
      />
      <p className="text-ink-3 mt-3 max-w-[68ch] text-sm">
        {plural(result.items.reconstruction, "reconstruction")}, {plural(result.items.control, "control")} and {plural(result.items.photograph, "photograph")}.
        {result.erased_items > 0 && ` ${plural(result.erased_items, "item was", "items were")} removed when somebody was erased.`} Intervals resample people.
      </p>
    </>
  );
}

const RATE_COLUMNS: Column<Row>[] = [
  {
    id: "rate",
    header: "Rate",
    rowHeader: true,
    cell: ({ label, meaning }) => (
      <>
        <span className="font-medium">{label}</span>
        <span className="text-ink-3 block text-xs">{meaning}</span>
      </>
    ),
  },
  { id: "value", header: "Value", align: "end", cell: ({ rate }) => <span data-part="value">{share(rate.value)}</span> },
  { id: "interval", header: "95 % interval", align: "end", cell: ({ rate }) => <span data-part="interval">{span(rate)}</span> },
  { id: "n", header: "n", align: "end", cell: ({ rate }) => <span data-part="n">{count(rate.n)}</span> },
];

const BESIDE_COLUMNS: Column<Beside>[] = [
  { id: "verifier", header: "Verifier", rowHeader: true, cell: ({ name }) => name ?? <span className="font-medium">All together</span> },
  { id: "recognised", header: "Recognised", align: "end", cell: ({ recognised, of }) => `${count(recognised)} of ${count(of)}` },
  { id: "confirmed", header: "Confirmed", align: "end", cell: ({ confirmed }) => count(confirmed) },
  { id: "only", header: "People only", align: "end", cell: ({ people_only }) => count(people_only) },
];
