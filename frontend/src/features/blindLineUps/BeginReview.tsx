// The beginning of a review: what it is, and the purpose that the audit log keeps.
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import type { BlindLineUp } from "@/api/model";
import { useBeginReview } from "@/features/blindLineUps/queries";
import { plural } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { Field, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";
import { RoleMark } from "@/ui/Role";

const FIELDS = { paths: { purpose: "purpose" } } as const;

export function BeginReview({ lineUp, onBegun }: { lineUp: BlindLineUp; onBegun: () => void }) {
  const begin = useBeginReview(lineUp.id);
  const [purpose, setPurpose] = useState("");
  const [tried, setTried] = useState(false);
  const short = purpose.trim().length < 3;
  const server = placed(begin.error, FIELDS);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (!short) begin.mutate(purpose.trim(), { onSuccess: onBegun });
  };
  return (
    <form onSubmit={submit} noValidate className="border-line max-w-2xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">Your review</h2>
      <ul className="text-ink-2 mt-2 list-disc space-y-1 pl-5 text-sm">
        <li>
          {plural(lineUp.items, "picture is", "pictures are")} shown, one after another, each with {lineUp.candidates} candidates. Say which candidate a picture
          shows, or none of these.
        </li>
        <li>Candidates are <RoleMark of="private" name="private images" />. Some pictures are controls that show nobody, and some are photographs.</li>
        <li>An answer is final. You can leave and go on later. Others do not see your answers.</li>
        <li>The audit log gets an entry for every item, with all its pictures and this purpose.</li>
      </ul>
      <div className="mt-5 space-y-4">
        {server.rest !== null && <ProblemNotice error={server.rest} />}
        <Field label="Purpose" error={tried && short ? "State what the pictures are looked at for." : server.at.purpose}>
          {(field) => <TextInput {...field} value={purpose} maxLength={500} onChange={(event) => setPurpose(event.target.value)} />}
        </Field>
        <Button type="submit" look="primary" disabled={begin.isPending}>
          Begin the review
        </Button>
      </div>
    </form>
  );
}
