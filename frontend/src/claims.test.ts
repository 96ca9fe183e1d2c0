// Wrong claims and odd phrases that must not come back to the dashboard.
import { describe, expect, it } from "vitest";
import { visibleStrings } from "@/testing/strings";

const SOURCES = import.meta.glob<string>(["./**/*.{ts,tsx}", "!./**/*.test.{ts,tsx}", "!./testing/**", "!./api/schema.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Banned patterns, each with a reason and an example. */
const BANNED: [pattern: RegExp, why: string, example: string][] = [
  [/opened only after/i, "a stage before the attack opens them too", "private images, opened only after the attack is frozen"],
  [/still closed/i, "they were opened before the attack", "not yet; private images are still closed"],
  [/(reached|recognised|had|found) without (the|your) model/i, "nearest public images are chosen by its scores", "controls reached without the model"],
  [/without (the|its) (model’s |model's )?leak/i, "a control may use the model’s scores", "the same procedure without the leak"],
  [/from the model alone/i, "the attack uses public images too", "rebuilt from the model alone"],
  [/rebuilt recognisably|recognisabl[ey]/i, "only people can say what they recognise", "23 of 90 could be rebuilt recognisably"],
  [/known to leak/i, "only the document knows whether the leak of a reference model was measured", "a model known to leak"],
  [/with your name/i, "the log has the name of a session or key", "written to the audit log with your name"],
  [/start .?exhume up.? again/i, "the service can keep running", "this link has expired; start `exhume up` again"],
  [/fault of the service/i, "only the service knows, and says so in the problem", "This is a fault of the service"],
  [/not tested/i, "an attack that nobody could judge is not untested", "The weights: not tested"],
  [/(?<!there )\b(is|are|was|were) no (?!longer|better|more|less|worse)\p{L}/iu, "say “is not a …”", "a.json is no JSON"],
  [/\bholds? no\b|\bthat is none\b/i, "say “does not contain …”", "the file holds no JSON object"],
  [/\bmend(s|ed|ing)?\b/i, "say “fix”", "Mend it and upload it again"],
  [/open the door/i, "say “was not accepted”", "This link does not open the door"],
  [/[a-z]{2,} 0\.\d\d\b/, "shares are percentages", "At least 0.50: the attack can find a leak"],
];

/** Places where a banned phrase is right. */
const ALLOWED: [file: string, text: string][] = [
  ["./features/audits/result/ThreatModels.tsx", "not tested"], // after “attacked, but could not be verified” was ruled out
  ["./features/audits/result/Evidence.tsx", "Not tested"], // the heading of a list in the document
];

const STRINGS = Object.entries(SOURCES).flatMap(([file, source]) => [...new Set(visibleStrings(file, source))].map((text) => ({ file, text })));

describe("the strings of the dashboard", () => {
  it("are read at all", () => {
    expect(Object.keys(SOURCES).length).toBeGreaterThan(80);
    const [element] = visibleStrings("x.tsx", 'const x = <p title="t">Opened <b>only</b> after {y ? "it" : `the ${z}`} ends. {/* no */}</p>; // not this');
    expect(element).toBe("Opened only after itthe … ends.");
    expect(visibleStrings("x.ts", 'import a from "b"; const c = "d";')).toEqual(["d"]);
  });

  it.each(BANNED)("do not match %s: %s", (pattern, _why, example) => {
    expect(example).toMatch(pattern); // a pattern that matches nothing protects nothing
    const found = STRINGS.filter(({ file, text }) => pattern.test(text) && !ALLOWED.some(([where, what]) => where === file && text.includes(what)));
    expect(found).toEqual([]);
  });
});
