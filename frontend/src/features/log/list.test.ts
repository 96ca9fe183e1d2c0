import { expect, it } from "vitest";
import { LOG_CHOICES } from "@/features/log/list";

const APP = import.meta.glob<string>("../../../../app/**/*.py", { query: "?raw", import: "default", eager: true });
const WRITTEN = /audit_log\.write\(\s*session,\s*subject,\s*"(\w+)\.\w+"[^)]*project_id/g;

it("filters by every subject that the service writes to the log of a project", () => {
  const options = LOG_CHOICES.find(({ name }) => name === "action")?.options.map(([value]) => value) ?? [];
  const nouns = new Set(Object.values(APP).flatMap((source) => [...source.matchAll(WRITTEN)].map(([, noun = ""]) => noun)));
  expect(nouns.size).toBeGreaterThan(8);
  expect([...nouns].filter((noun) => !options.includes(noun))).toEqual([]);
  expect(options).toContain("blind_line_up"); // written by a function of its own
});
