import { describe, expect, it } from "vitest";
import type { Preflight } from "@/features/models/preflight";
import { descriptionOf, EMPTY_RELEASE, filledIn, formOfDescription, outputsOf, problemsOf, recognised, type ReleaseForm } from "@/features/models/releaseForm";

type Proposal = Preflight["proposals"][number];
const proposal = (change: Partial<Proposal> = {}): Proposal => ({ architecture: "timm/vit", exact: true, num_classes: 2, channels: 3, hyperparameters: { img_size: 64 }, ...change });
const found = (proposals: Proposal[], names: string[] | null = null, side: number | null = 64): Preflight => ({
  verdict: "accepted",
  format: "safetensors",
  problem: null,
  proposals,
  wrapper: [],
  prefix: "",
  missing: [],
  unexpected: [],
  classes: names,
  side,
  wanted: null,
});
const whole: ReleaseForm = { ...EMPTY_RELEASE, target: "badge", height: "32", width: "32", channels: "3", scale: "signed", classes: "ada\ngrace" };

describe("the form of a release", () => {
  it("is filled in with what the file says", () => {
    const said = recognised(found([proposal()], ["ada", "grace"]));
    expect(filledIn(EMPTY_RELEASE, said, {})).toMatchObject({
      architecture: "timm/vit",
      hyperparameters: '{"img_size":64}',
      height: "64",
      width: "64",
      channels: "3",
      classes: "ada\ngrace",
      scale: "", // no file says it
    });
    expect(recognised(found([proposal(), proposal({ architecture: "timm/other" })]))).not.toHaveProperty("architecture");
    expect(outputsOf(found([proposal(), proposal({ num_classes: 3 })]))).toBeNull();
  });

  it("keeps what a person wrote, and replaces what another file filled in", () => {
    const before = recognised(found([proposal()], ["ada", "grace"]));
    const edited = { ...filledIn(EMPTY_RELEASE, before, {}), height: "96" };
    const after = filledIn(edited, recognised(found([proposal({ channels: 1 })], null, 128)), before);
    expect(after).toMatchObject({ height: "96", width: "128", channels: "1", classes: "" });
  });

  it("names the field of every problem", () => {
    expect(Object.keys(problemsOf(EMPTY_RELEASE, null)).sort()).toEqual(["channels", "classes", "height", "scale", "target", "width"]);
    expect(problemsOf(whole, null)).toEqual({});
    expect(problemsOf(whole, 3).classes).toBe("The file has 3 outputs, and this list has 2 names.");
    expect(problemsOf({ ...whole, scale: "other", mean: "0.5 0.5", std: "0" }, null)).toMatchObject({ mean: expect.any(String) as string, std: expect.any(String) as string });
    expect(problemsOf({ ...whole, hyperparameters: "[1]", classes: "ada\nada" }, null)).toMatchObject({ hyperparameters: expect.any(String) as string, classes: expect.stringContaining("twice") as string });
    expect(problemsOf({ ...whole, scale: "imagenet", channels: "1" }, null).scale).toContain("colour");
  });

  it("makes the description, and reads it back", () => {
    const description = descriptionOf({ ...whole, scale: "other", mean: "0.1, 0.2 0.3", std: "0.5", hyperparameters: '{"width": 32}', architecture: "exhume/small-cnn" });
    expect(description).toEqual({
      architecture: "exhume/small-cnn",
      hyperparameters: { width: 32 },
      convention: { height: 32, width: 32, channels: 3, channel_order: "RGB", mean: [0.1, 0.2, 0.3], std: [0.5] },
      classes: ["ada", "grace"],
      classes_are: "person",
    });
    expect(description && descriptionOf(formOfDescription(EMPTY_RELEASE, description))).toEqual(description);
    expect(descriptionOf(EMPTY_RELEASE)).toBeNull();
  });
});
