// The stages of an audit, in order and in words.
import type { Stage } from "@/api/model";

export const STAGES: readonly Stage[] = ["references", "prepare", "prior", "students", "attack", "controls", "verify", "power", "score"];

export const STAGE_WORDS: Record<Stage, { name: string; does: string }> = {
  references: { name: "References", does: "opens the private images to find duplicates among the public ones and to measure model and verifiers" },
  prepare: { name: "Prepare", does: "drops the duplicates from the public images, and checks the model" },
  prior: { name: "Prior", does: "trains, or reuses, the generator on public images" },
  students: { name: "Students", does: "trains small copies of the model on public images" },
  attack: { name: "Attack", does: "reconstructs, then freezes and hashes what it made" },
  controls: { name: "Controls", does: "makes pictures to compare with: prior samples, nearest public images, those of a twin if there is one" },
  verify: { name: "Verify", does: "opens the private images again, and compares" },
  power: { name: "Power", does: "attacks a reference model by the same plan" },
  score: { name: "Score", does: "computes the risk, its interval and the verdict" },
};
