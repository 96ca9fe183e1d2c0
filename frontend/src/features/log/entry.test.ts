import { describe, expect, it } from "vitest";
import { actionOf, actorOf, detailsOf } from "@/features/log/entry";

describe("an entry of the audit log", () => {
  it.each([
    ["person:dana@example.com", { kind: "Person", name: "dana@example.com" }],
    ["key:ci: nightly", { kind: "Machine", name: "ci: nightly" }],
    ["worker: gpu-host-1", { kind: "Worker", name: "gpu-host-1" }],
    ["schedule:nightly", { kind: "Schedule", name: "nightly" }],
    ["operator", { kind: "Operator", name: "" }],
    ["administrator", { kind: "Operator", name: "" }],
    ["constructor:x", { kind: "", name: "constructor:x" }],
  ])("names who acted: %s", (actor, shown) => {
    expect(actorOf({ actor })).toEqual(shown);
  });

  it("says what was done", () => {
    expect(actionOf({ action: "image.reveal_refused" })).toBe("Image: reveal refused");
    expect(actionOf({ action: "private_set.opened" })).toBe("Private set: opened");
    expect(actionOf({ action: "blind_line_up.item_shown" })).toBe("Blind line-up: item shown");
    expect(actionOf({ action: "dataset.uploaded" })).toBe("Data set: uploaded");
    expect(actionOf({ action: "other" })).toBe("Other");
  });

  it("writes its details as lines, without empty ones and with long ones last", () => {
    expect(detailsOf({ details: { images: 3, places: { a: [1] }, none: null, purpose: "request 7" } })).toEqual([
      ["images", "3"],
      ["purpose", "request 7"],
      ["places", '{"a":[1]}'],
    ]);
  });
});
