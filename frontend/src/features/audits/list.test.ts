import { expect, it } from "vitest";
import { auditListCommand } from "@/features/audits/list";

it("quotes a search from the address for the shell, and never makes an option of it", () => {
  expect(auditListCommand({ q: "$(reboot) `id`", sort: "-risk" })).toBe("exhume audit list --search='$(reboot) `id`' --sort=-risk");
  expect(auditListCommand({ q: "--help" })).toBe("exhume audit list --search=--help");
});
