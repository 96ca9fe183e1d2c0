// The effort of an audit.
import type { Effort } from "@/api/model";
import { EFFORT_WORDS, EFFORTS } from "@/features/audits/new/options";
import { RadioCards } from "@/ui/RadioCards";

export function EffortField({ value, onChange }: { value: Effort; onChange: (effort: Effort) => void }) {
  return (
    <RadioCards legend="Effort" name="effort" value={value} options={EFFORTS.map((effort) => ({ value: effort, ...EFFORT_WORDS[effort] }))} onChange={onChange} />
  );
}
