// The network of a release: architecture, size, input and classes.
import type { ReleaseInFull } from "@/api/model";
import { capital, nounOfKind } from "@/features/audits/noun";
import { count } from "@/format/numbers";
import { Fact, Facts } from "@/ui/Facts";

const FIRST = 40;

export function Architecture({ release }: { release: ReleaseInFull }) {
  const { architecture, hyperparameters, convention, examination, classes, classes_are: kind } = release;
  const { height, width, channels, channel_order: order, mean, std } = convention;
  const settings = Object.entries(hyperparameters);
  return (
    <>
      <Facts>
        <Fact name="Architecture">
          <code className="font-mono text-xs">{architecture}</code>
        </Fact>
        <Fact name="Hyper-parameters">{settings.length === 0 ? "none" : settings.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ")}</Fact>
        <Fact name="Parameters">{count(examination?.parameters)}</Fact>
        <Fact name="Multiply-adds per image">{count(examination?.multiply_adds)}</Fact>
        <Fact name="Features before the last layer">{count(examination?.feature_dim)}</Fact>
        <Fact name="Input, px">
          {height} × {width} × {channels}
          {channels === 3 && `, ${order}`}
        </Fact>
        <Fact name="Mean / standard deviation">
          {mean?.join(", ") ?? "–"} / {std?.join(", ") ?? "–"}
        </Fact>
        <Fact name={capital(nounOfKind(kind).many)}>{count(release.class_count)}</Fact>
      </Facts>
      <details className="mt-3 text-sm">
        <summary className="text-ink-2 cursor-pointer py-1">The classes, in the order of the outputs</summary>
        <p className="text-ink-2 mt-1 max-w-[86ch] break-words">
          {classes.slice(0, FIRST).join(", ")}
          {classes.length > FIRST && ` and ${count(classes.length - FIRST)} more. exhume release show prints all.`}
        </p>
      </details>
    </>
  );
}
