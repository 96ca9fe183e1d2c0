// Every form places the problems of the service at its fields, by the same function.
import { expect, it } from "vitest";

const SOURCES = import.meta.glob<string>(["./features/**/*.tsx", "!./**/*.test.tsx"], { query: "?raw", import: "default", eager: true });

/** Forms without a field of their own that the service could reject. */
const WITHOUT: Record<string, string> = {
  "./features/account/SecondFactorSection.tsx": "a wrong password or code is told without saying which",
  "./features/audits/result/ReportButton.tsx": "choices only",
  "./features/audits/result/RevealDialog.tsx": "sends nothing itself",
  "./features/deletions/ConfirmedDialog.tsx": "the preview says what stands in the way",
  "./features/session/KeyForm.tsx": "one secret, whose problem is shown above it",
  "./features/session/PasswordForm.tsx": "a wrong name or password is told without saying which",
};

it("every form with fields uses the mapping of problems", () => {
  const forms = Object.entries(SOURCES).filter(([, source]) => source.includes("<form") && /<(Field|TextInput|TextArea)\b/.test(source));
  expect(forms.length).toBeGreaterThan(12);
  const unmapped = forms.filter(([, source]) => !source.includes('from "@/api/faults"')).map(([file]) => file);
  expect(unmapped.sort()).toEqual(Object.keys(WITHOUT).sort());
});
