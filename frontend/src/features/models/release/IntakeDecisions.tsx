// What the checks of a release decided, by kind.
import type { ReleaseInFull } from "@/api/model";
import { decisionsOf } from "@/features/models/release/decisions";
import { Notice, ProblemDetails } from "@/ui/Notice";

const KINDS = [
  ["recognised", "Recognised"],
  ["converted", "Converted"],
  ["leftOut", "Left out"],
  ["warnings", "Warnings and notes"],
] as const;

const STANDING: Partial<Record<ReleaseInFull["state"], string>> = {
  awaiting_upload: "Its checkpoint has not arrived. Abandoned uploads are removed.",
  checking: "Its structure, names, shapes and outputs are being checked.",
};

export function IntakeDecisions({ release }: { release: ReleaseInFull }) {
  if (release.state === "refused") return <Rejected release={release} />;
  if (!release.examination) return <p className="text-ink-2 text-sm">{STANDING[release.state] ?? "No findings are kept."}</p>;
  const made = decisionsOf(release);
  return (
    <dl className="grid max-w-[86ch] gap-x-8 gap-y-3 text-sm sm:grid-cols-[10rem_minmax(0,1fr)]">
      {KINDS.filter(([kind]) => made[kind].length > 0 || kind === "warnings").map(([kind, title]) => (
        <div key={kind} className="contents">
          <dt className="text-ink-3">{title}</dt>
          <dd>
            {made[kind].length === 0 ? (
              "None."
            ) : (
              <ul className="space-y-0.5">
                {made[kind].map((sentence) => (
                  <li key={sentence} className="break-words">
                    {sentence}
                  </li>
                ))}
              </ul>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function Rejected({ release: { problem } }: { release: Pick<ReleaseInFull, "problem"> }) {
  return (
    <Notice title={problem?.title ?? "Rejected"}>
      {problem ? <ProblemDetails problem={problem} /> : null}
      {problem?.code === "class-order" ? (
        <p className="mt-1">
          Correct “classes” in the description. If the description is right and the file is wrong, confirm the order in the upload form. Then upload
          the file as a new release. This file was not kept.
        </p>
      ) : (
        <p className="mt-1">The file was not kept. Fix it and upload it as a new release.</p>
      )}
    </Notice>
  );
}
