import { expect, it } from "vitest";
import type { Release } from "@/api/model";
import { versionOf } from "@/features/models/versions";

const SHA256 = "0123456789abcdef".repeat(4);
const release = (version: string, state: string, target_name = "badge") => ({ version, state, target_name }) as Release;

it("is the start of the digest, numbered where that was refused before", () => {
  expect(versionOf(SHA256, "badge", [])).toBe("0123456789ab");
  const refused = [release("0123456789ab", "refused"), release("0123456789ab-2", "refused")];
  expect(versionOf(SHA256, "badge", refused)).toBe("0123456789ab-3");
  expect(versionOf(SHA256, "door", refused)).toBe("0123456789ab");
});

it("stays where the file is ready already: the service then says so", () => {
  expect(versionOf(SHA256, "badge", [release("0123456789ab", "ready")])).toBe("0123456789ab");
});
