import { describe, expect, it } from "vitest";
import { validateAuditSearch } from "@/features/audits/search";

describe("validateAuditSearch", () => {
  it("keeps known parameters and drops the rest", () => {
    expect(validateAuditSearch({ show: "verified", find: "", sort: "name", down: true, grid: 24.7, other: 1 })).toEqual({
      show: "verified",
      sort: "name",
      down: true,
      grid: 24,
    });
    expect(validateAuditSearch({ show: "everything", grid: -3 })).toEqual({});
  });
});
