// The name of what is uploaded when nobody gives one: that of the file, or the start of its digest.

/** Numbered where a file of that name was refused before, as `exhume` does it: the refused one keeps its name. */
export function numbered(start: string, refused: readonly string[]): string {
  const taken = new Set(refused);
  let name = start;
  for (let tried = 2; taken.has(name); tried += 1) name = `${start}-${tried}`;
  return name;
}
