import { describe, expect, it } from "vitest";
import { contaminationSentence, intakeSentence } from "@/features/audits/result/Checks";
import { result } from "@/testing/fixtures";

describe("intakeSentence", () => {
  it("says how far the sandbox went, and what else the weights fit", () => {
    expect(intakeSentence(result)).toBe("The checkpoint (safetensors) was opened in a full sandbox: without network, new processes or access to other files.");
    const other = { format: "torch-zip", sandbox: "limits", architecture_detected: true, also_fits: ["timm/resnetblur18"] } as const;
    const said = intakeSentence({ ...result, intake: { ...other, also_fits: [...other.also_fits] } });
    expect(said).toContain("without a sandbox");
    expect(said).toContain("also fit timm/resnetblur18");
    expect(intakeSentence({ ...result, intake: null })).toBeNull();
  });
});

describe("contaminationSentence", () => {
  it("tells found from not found from not looked for", () => {
    expect(contaminationSentence({ ...result, contamination: { compared: true, exact: 0, near: 0, alike: 0 } })).toContain("No private image");
    expect(contaminationSentence({ ...result, contamination: { compared: true, exact: 2, near: 1, alike: 0 } })).toContain("2 private images, 1 near-duplicate");
    expect(contaminationSentence({ ...result, contamination: { compared: false, exact: 0, near: 0, alike: 0 } })).toContain("not compared");
    expect(contaminationSentence({ ...result, contamination: { compared: true, exact: 0, near: 1, alike: 2 } })).toContain("3 near-duplicates");
  });
});
