import { describe, expect, it } from "vitest";
import { aheadWords, startWords, waitWords } from "@/features/audits/queueWords";

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
    [place(1, 0), "It starts in about 13 min. Its own work takes about 51 s."],
    [place(0, 0, 0), "It starts within seconds. Its own work takes about 51 s."],
    [place(1, 0, null), "The start cannot be estimated. Its own work takes about 51 s."],
    [place(1, 0, null, 0), "No worker is running. It starts when one does."],
  ])("says when it starts: %o", (found, words) => expect(startWords(found, 51)).toBe(words));

  it.each([
    [place(3, 1), "It starts in about 13 min, after work of 3 other audits, 1 of them in other projects."],
    [place(1, 0), "It starts in about 13 min, after work of 1 other audit."],
    [place(1, 1), "It starts in about 13 min, after work of 1 other audit in another project."],
    [place(2, 0, 0), "It can start at once."],
    [place(0, 0, null), "The start cannot be estimated."],
    [place(2, 0, null), "It starts after 2 other audits. The time until then cannot be estimated."],
    [place(0, 0, null, 0), "No worker is running. It starts when one does."],
  ])("says when an audit would start: %o", (found, words) => expect(waitWords(found)).toBe(words));
});
