// The decision of the gate in one sentence, and what to do next.
import type { Decision } from "@/api/model";
import { joined } from "@/format/numbers";
import { Notice } from "@/ui/Notice";
import { GateMark } from "@/ui/GateMark";
import { When } from "@/ui/When";

export function DecisionStatement({ decision }: { decision: Decision }) {
  const { outcome, sentence, next_step, policy, at, until } = decision;
  return (
    <>
      <p className="max-w-[68ch] text-base">
        <GateMark outcome={outcome} />
        <span className="sr-only">. </span> <span className="ml-1.5">{joined(sentence)}</span>
      </p>
      {next_step && (
        <div className="mt-3 max-w-3xl">
          <Notice title="What to do next">{joined(next_step)}</Notice>
        </div>
      )}
      <p className="text-ink-3 mt-2 text-sm">
        Policy {policy.name}, version {policy.version}. Decided <When at={at} />.
        {until && (
          <>
            {" "}
            It must be decided again <When at={until} />.
          </>
        )}
      </p>
    </>
  );
}
