// The verdict as a sentence, with its reasons and, where it is INCONCLUSIVE, the steps that would
// decide it.
import type { Result } from "@/api/model";
import { joined } from "@/format/numbers";
import { VerdictShape, verdictColour } from "@/ui/VerdictMark";

/** Split off the first sentence, for the heading. */
function firstSentence(text: string): [first: string, rest: string] {
  const end = /\.\s+(?=\p{Lu})/u.exec(text);
  return end ? [text.slice(0, end.index + 1), text.slice(end.index + end[0].length)] : [text, ""];
}

/**
 * Return the note on what a reconstructed class means, where it is not a person. It is the first
 * note.
 */
function meaning({ classes_are: kind, notes }: Result): string[] {
  return kind === "person" || kind === "writer" ? [] : notes.slice(0, 1);
}

export function VerdictStatement({ result }: { result: Result }) {
  const { verdict, reasons, decides } = result;
  const whole = joined(result.sentence.replace(new RegExp(`^${verdict}[:.]?\\s*`), ""));
  const [said, more] = result.stopped ? firstSentence(whole) : [whole, ""];
  const why = [...reasons.filter((reason) => !result.sentence.includes(reason)), ...meaning(result)];
  return (
    <div className="max-w-[54rem]">
      <h1 className="flex gap-3.5 text-2xl leading-[1.35] font-medium tracking-[-0.018em] text-pretty">
        <span className={`${verdictColour(verdict)} mt-[0.3rem]`}>
          <VerdictShape verdict={verdict} size={24} />
        </span>
        <span>
          <strong className={`${verdictColour(verdict)} font-semibold`}>{verdict}: </strong>
          {said}
        </span>
      </h1>
      <div className="ml-[2.35rem]">
        {more !== "" && <p className="text-ink-2 mt-3">{more}</p>}
        {why.length > 0 && (
          <ul className="text-ink-2 mt-3 space-y-1">
            {why.map((reason) => (
              <li key={reason}>{joined(reason)}</li>
            ))}
          </ul>
        )}
        {decides.length > 0 && (
          <div className="mt-4">
            <h2 className="font-semibold">What would decide it</h2>
            <ul className="text-ink-2 mt-1 list-disc space-y-1 pl-4">
              {decides.map((step) => (
                <li key={step}>{joined(step)}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </div>
  );
}
