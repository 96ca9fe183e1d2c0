import { describe, expect, it } from "vitest";
import { destroyedLines, kindWord } from "@/features/deletions/words";

const nothing = { objects: [], artifacts: 0, unfinished_uploads: 0, pictures: 0, pictures_of: [], images: 0 };

describe("what a deletion destroys", () => {
  it("names each kind of thing once, and nothing that is not there", () => {
    expect(destroyedLines(nothing)).toEqual([]);
    expect(destroyedLines({ objects: ["a", "b", "c"], artifacts: 2, unfinished_uploads: 1, pictures: 360, pictures_of: ["aud_1", "aud_2"], images: 7 })).toEqual([
      "1 stored file",
      "7 private images",
      "2 files that stages made from it, such as evaluators and priors",
      "1 unfinished upload",
      "360 images of 2 audits: reconstructions and controls",
    ]);
  });

  it("does not subtract the artifacts of a project, which are in folders", () => {
    expect(destroyedLines({ ...nothing, objects: ["a", "b", "artifacts/1/"], artifacts: 5 })[0]).toBe("2 stored files");
  });

  it("keeps the word of the service for a kind that it does not know", () => {
    expect(["dataset", "identity", "constructor"].map(kindWord)).toEqual(["Data set", "Identity", "constructor"]);
  });
});
