import { describe, expect, it } from "vitest";
import { auditCommand } from "@/features/audits/new/command";

describe("auditCommand", () => {
  it("leaves defaults out and quotes for the shell", () => {
    const command = auditCommand({
      release: "badge reader:1",
      publicSet: "five",
      privateSet: null,
      attacks: [],
      identities: null,
      seed: 0,
      effort: "standard",
      budget: 0.05,
      declaredBy: "Dana's team",
      statement: "",
    });
    expect(command).toBe(
      "exhume audit start \\\n  --release 'badge reader:1' \\\n  --public five \\\n  --declared-by 'Dana'\\''s team' \\\n  --rights 'WHY YOU MAY'",
    );
  });
  it("names the attacks that were chosen", () => {
    const parts = { release: "a:1", publicSet: "five", privateSet: null, identities: null, seed: 0, effort: "standard", budget: 0.05, declaredBy: "D", statement: "o" } as const;
    expect(auditCommand({ ...parts, attacks: ["gmi", "kedmi"] })).toContain("--attacks gmi,kedmi");
    expect(auditCommand({ ...parts, attacks: ["kedmi"] })).toContain("--attack kedmi");
    expect(auditCommand({ ...parts, attacks: ["gmi"] })).toContain("--attack gmi");
    expect(auditCommand({ ...parts, attacks: [] })).not.toContain("--attack");
  });
  it("names a setting and a prior that were chosen", () => {
    const parts = { release: "a:1", publicSet: "five", privateSet: null, attacks: [], identities: null, seed: 0 } as const;
    const command = auditCommand({ ...parts, setting: "lomma", prior: "trained", effort: "standard", budget: 0.05, declaredBy: "Dana", statement: "ours" });
    expect(command).toContain("--prior trained \\\n  --setting lomma");
  });
});
