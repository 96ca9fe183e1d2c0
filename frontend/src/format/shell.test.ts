import { describe, expect, it } from "vitest";
import { commandParts, shellWord } from "@/format/shell";

describe("shellWord", () => {
  it("never lets a name break out of its word", () => {
    expect(shellWord("$(rm -rf /)")).toBe("'$(rm -rf /)'");
    expect(shellWord("a;b")).toBe("'a;b'");
    expect(shellWord("")).toBe("''");
  });
});

describe("commandParts", () => {
  it("keeps quoted texts whole, and the backslash at the end of a line with its word", () => {
    const words = (command: string) => commandParts(command).filter((part) => part.trim() !== "");
    expect(words('exhume schedule create n --cron "0 3 * * *" --timezone Europe/Berlin \\\n  --rights \'it\'\\\'\'s \\ ours\'')).toEqual(
      ["exhume", "schedule", "create", "n", "--cron", '"0 3 * * *"', "--timezone", "Europe/Berlin \\", "--rights", "'it'\\''s \\ ours'"],
    );
  });

  it.each(["", " a  b ", 'an "open quote', "it's", "a \\\n  --b 'c\nd' \\"])("loses nothing of %j", (command) => {
    expect(commandParts(command).join("")).toBe(command);
  });
});
