import { describe, expect, it } from "vitest";
import { safeReturn, tokenFromHash } from "@/features/session/token";

describe("tokenFromHash", () => {
  it("reads the one-time token", () => {
    expect(tokenFromHash("#token=abc_1-2")).toBe("abc_1-2");
    expect(tokenFromHash("#token=")).toBeNull();
    expect(tokenFromHash("")).toBeNull();
  });
});

describe("safeReturn", () => {
  it("goes back inside the dashboard only", () => {
    expect(safeReturn("/audits/aud_1?show=verified")).toBe("/audits/aud_1?show=verified");
    expect(safeReturn("//evil.example/x")).toBe("/");
    expect(safeReturn("https://evil.example")).toBe("/");
    expect(safeReturn("/\\evil.example")).toBe("/");
    expect(safeReturn("/sign-in?return=/sign-in")).toBe("/");
    expect(safeReturn(undefined)).toBe("/");
  });
});
