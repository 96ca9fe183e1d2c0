// Words of a command line.

/** Quote a word for a POSIX shell where it needs quotes. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const WORD = /(?:"(?:\\.|[^"\\])*"|'[^']*'|\\\S|[^\s"'\\]|["'\\])+(?: \\(?=\n))?/g;

/**
 * Split a command into its words and the space between them, which together are the command. A
 * quoted text is part of one word, and a backslash at the end of a line belongs to the word before.
 */
export function commandParts(command: string): string[] {
  const parts: string[] = [];
  let end = 0;
  for (const { 0: word, index } of command.matchAll(WORD)) {
    if (index > end) parts.push(command.slice(end, index));
    parts.push(word);
    end = index + word.length;
  }
  return end < command.length ? [...parts, command.slice(end)] : parts;
}
