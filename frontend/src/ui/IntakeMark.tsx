// The state of the intake of a file.
import type { IntakeState } from "@/api/model";
import { ProgressMark } from "@/ui/VerdictMark";

const STATES = {
  awaiting_upload: { progress: "waiting", words: "Waiting for the file" },
  checking: { progress: "running", words: "Checking" },
  ready: { progress: "succeeded", words: "Ready" },
  refused: { progress: "failed", words: "Rejected" },
  deleted: { progress: "cancelled", words: "Deleted" },
} as const;

export function IntakeMark({ state }: { state: IntakeState }) {
  const { progress, words } = STATES[state];
  return <ProgressMark state={progress} words={words} />;
}
