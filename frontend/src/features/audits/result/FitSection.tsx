// Accuracy of the release on its own training images, and whether its description is right.
import type { ClassOrder, Fit, Noun, Result } from "@/api/model";
import { Measured } from "@/features/audits/Measured";
import { counted, nounOf } from "@/features/audits/noun";
import { count } from "@/format/numbers";
import { CopyButton } from "@/ui/Copy";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";

export function FitSection({ result }: { result: Result }) {
  const { fit } = result;
  if (!fit) return null;
  const noun = nounOf(result);
  return (
    <Section title="Does the description match the release?" folds={!result.stopped}>
      <p className="max-w-[68ch]">
        The release labels <Measured id="fit.accuracy" figure={fit.accuracy} className="figures font-medium" /> of its own private
        training images correctly ({count(fit.images)} images of {counted(fit.accuracy.n, noun)}). Guessing among {count(fit.classes)} classes reaches{" "}
        <Measured id="fit.guessing" figure={{ value: fit.guessing }} />. A trained model is expected to reach{" "}
        <Measured id="fit.floor" figure={{ value: fit.floor }} />.
      </p>
      <p className="text-ink-2 mt-1 max-w-[68ch] text-sm">{MEANING[fit.state]}</p>
      {fit.order && <Order order={fit.order} noun={noun} />}
      {fit.conventions.length > 1 &&
        (conventionFits(fit) ? (
          <details className="mt-3">
            <summary className="text-ink-2 w-fit text-sm">Under other input conventions</summary>
            <Conventions conventions={fit.conventions} />
          </details>
        ) : (
          <Conventions conventions={fit.conventions} />
        ))}
    </Section>
  );
}

const MEANING: Record<Fit["state"], string> = {
  trained: "This is what a trained model reaches. It was measured before the attack.",
  below_floor: "This is more than guessing, but less than a trained model reaches. The audit can find a leak, but PASS is not possible.",
  at_chance: "This is not better than guessing. The checkpoint may be the wrong one, or these are not its training images. Nothing was attacked.",
  class_order: "Its class names are in another order than its outputs. Nothing was attacked.",
  input_convention: "Its input convention differs from the one it was trained with. Nothing was attacked.",
};

const FEW = 40; // names that are shown at once
const DECLARED = "as declared";

/** Return whether the declared input convention was shown to be right. */
function conventionFits({ state, order }: Fit): boolean {
  return state === "trained" || (state === "class_order" && order?.convention === DECLARED);
}

const examplesOf = ({ examples }: ClassOrder): Column<ClassOrder["examples"][number]>[] => [
  { id: "pictures", header: "Images of", rowHeader: true, className: "font-medium", cell: (one) => one.pictures_of },
  { id: "labels", header: "are labelled", cell: (one) => one.labelled_as },
  { id: "share", header: "Share of the images", align: "end", cell: (one) => <Measured id={`fit.order.examples.${examples.indexOf(one)}.share`} figure={{ value: one.share }} /> },
];

/** Shows the order of the class names that the images suggest, to copy into the description. */
function Order({ order, noun }: { order: ClassOrder; noun: Noun }) {
  const { examples, suggested } = order;
  const list = `[${suggested.map((name) => JSON.stringify(name)).join(", ")}]`;
  return (
    <div className="mt-5">
      <h3 className="font-semibold">Is the order of the class names right?</h3>
      <p className="text-ink-2 mt-1 max-w-[68ch] text-sm">
        Of {counted(suggested.length, noun)}, {count(order.displaced)} are in another position than the images suggest. In the order below, the release labels{" "}
        <Measured id="fit.order.accuracy" figure={{ value: order.accuracy }} /> of the images correctly{order.convention && order.convention !== DECLARED ? `, with the input convention “${order.convention}”` : ""}.
        {order.is && ` This is the order of the names ${order.is}${order.is === "sorted as text" ? ", as folders of images are often listed" : ""}.`}
      </p>
      {examples.length > 0 && (
        <DataTable
          caption="Examples of class names in the wrong position"
          columns={examplesOf(order)}
          rows={examples}
          rowKey={({ pictures_of }) => pictures_of}
          width="max-w-xl"
          className="mt-3"
        />
      )}
      {suggested.length > 0 && (
        <div className="mt-4 max-w-2xl">
          <details open={suggested.length <= FEW}>
            <summary className="text-ink-3 mb-1 text-xs">Suggested “classes”, in the order of the outputs</summary>
            <div className="bg-sunken flex items-start gap-2 rounded-md py-1 pr-1 pl-3">
              <code className="text-ink-2 min-w-0 flex-1 py-1 font-mono text-xs break-words">{list}</code>
              <CopyButton text={list} label="Copy the suggested order" />
            </div>
          </details>
        </div>
      )}
    </div>
  );
}

type Convention = Fit["conventions"][number];

function Conventions({ conventions }: Pick<Fit, "conventions">) {
  const best = Math.max(...conventions.map(({ accuracy }) => accuracy));
  const heavy = ({ accuracy }: Convention) => (accuracy === best ? "font-medium" : undefined);
  const columns: Column<Convention>[] = [
    { id: "name", header: "Input", rowHeader: true, cell: (one) => <span className={heavy(one)}>{one.name}</span> },
    { id: "value", header: "Correctly labelled", align: "end", cell: (one) => <Measured id={`fit.conventions.${conventions.indexOf(one)}.accuracy`} figure={{ value: one.accuracy }} className={heavy(one) ?? ""} /> },
    {
      id: "convention",
      header: "Convention",
      cell: ({ name, convention }) => (
        <span className="flex items-center gap-1">
          <code className="text-ink-2 font-mono text-xs break-words">{conventionWords(convention)}</code>
          <CopyButton text={JSON.stringify(convention)} label={`Copy the convention “${name}”`} />
        </span>
      ),
    },
  ];
  return (
    <DataTable
      caption="Accuracy under each plausible input convention"
      columns={columns}
      rows={conventions}
      rowKey={({ name }) => name}
      rowProps={({ name }) => ({ "data-convention": name })}
      width="max-w-3xl min-w-[34rem]"
      className="mt-5"
    />
  );
}

/** Return mean, standard deviation and channel order in words. */
function conventionWords(convention: Record<string, unknown>): string {
  const list = (value: unknown) => (Array.isArray(value) ? value.map((one) => String(Number(Number(one).toFixed(4)))).join(" ") : "–");
  const order = typeof convention.channel_order === "string" ? `, ${convention.channel_order}` : "";
  return `mean ${list(convention.mean)}, std ${list(convention.std)}${order}`;
}
