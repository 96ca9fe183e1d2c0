import { describe, expect, it } from "vitest";
import { aheadWords, startWords } from "@/features/audits/live/queueWords";

const place = (ahead: number, elsewhere: number, starts_in_seconds: number | null = 750, workers = 1) => ({ ahead, elsewhere, starts_in_seconds, workers });

describe("the place in the queue", () => {
  it.each([
    [place(0, 0), "It is next."],
    [place(1, 0), "1 audit is ahead of it."],
    [place(1, 1), "1 audit is ahead of it, in another project."],
    [place(3, 1), "3 audits are ahead of it, 1 of them in other projects."],
    [place(3, 3), "3 audits are ahead of it, all of them in other projects."],
  ])("counts who is ahead: %o", (found, words) => expect(aheadWords(found)).toBe(words));

  it.each([
    [place(1, 0), "It starts in about 12 min 30 s. Its own work takes about 51 s."],
    [place(0, 0, 0), "It starts within seconds. Its own work takes about 51 s."],
    [place(1, 0, null), "The start cannot be estimated. Its own work takes about 51 s."],
    [place(1, 0, null, 0), "No worker is running. It starts when one does."],
  ])("says when it starts: %o", (found, words) => expect(startWords(found, 51)).toBe(words));
});
