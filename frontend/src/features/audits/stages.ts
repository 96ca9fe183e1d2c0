// The stages of an audit, in order, with their names.
import type { Stage } from "@/api/model";

export const STAGES: readonly Stage[] = ["references", "prepare", "prior", "students", "attack", "controls", "look", "attack_rest", "verify", "power", "score"];

export const STAGE_WORDS: Record<Stage, { name: string; does: string }> = {
  references: { name: "References", does: "opens the private images to find duplicates among the public ones and to measure the release and the verifiers" },
  prepare: { name: "Prepare", does: "removes the duplicates from the public images and checks the release" },
  prior: { name: "Prior", does: "trains or reuses the generator on public images" },
  students: { name: "Students", does: "trains networks that imitate the release on public images" },
  attack: { name: "Attack", does: "reconstructs, then freezes the reconstructions under a digest" },
  controls: { name: "Controls", does: "makes images to compare with: prior samples, nearest public images, and reconstructions of the twin if there is one" },
  look: { name: "Early look", does: "freezes and judges the first half, and ends the audit if the verdict is certain" },
  attack_rest: { name: "Rest of the attack", does: "reconstructs the other half, unless the verdict is certain" },
  verify: { name: "Verify", does: "opens the private images again and compares" },
  power: { name: "Power", does: "attacks a reference model with the same plan" },
  score: { name: "Score", does: "computes the risk, its interval and the verdict" },
};
