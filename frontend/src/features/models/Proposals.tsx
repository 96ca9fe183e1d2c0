// Architectures that fit the names and shapes of a chosen checkpoint.
import type { components } from "@/api/schema";

type Proposal = components["schemas"]["ArchitectureProposal"];

const ONNX_GRAPH = "exhume/onnx-graph";

export function Proposals({ found }: { found: readonly Proposal[] }) {
  const [first, ...others] = found;
  if (!first) {
    return <p className="text-ink-2 text-sm">The names of its tensors do not match a known architecture.</p>;
  }
  const sizes = Object.entries(first.hyperparameters).map(([name, value]) => `, ${name} ${String(value)}`);
  const counts = [first.num_classes !== null && `${first.num_classes} classes`, first.channels !== null && `${first.channels} channels`];
  const known = counts.filter(Boolean).join(" and ");
  return (
    <p className="text-ink-2 text-sm">
      {first.architecture === ONNX_GRAPH ? (
        "It is an ONNX model, which contains its network"
      ) : (
        <>
          {first.exact ? "Its tensors fit " : "The names of its tensors match "}
          <code className="font-mono text-xs">{first.architecture}</code>
        </>
      )}
      {sizes}
      {known !== "" && `, with ${known}`}
      {others.length > 0 && (
        <>
          {" "}
          (also <code className="font-mono text-xs">{others.slice(0, 4).map((one) => one.architecture).join(", ")}</code>
          {others.length > 4 && ` and ${others.length - 4} more`})
        </>
      )}
      . The fields below are filled in with what the file says. Check them.
    </p>
  );
}
