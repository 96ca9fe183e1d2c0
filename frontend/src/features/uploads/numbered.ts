// Default names of uploads.

/** Return the name, numbered where an upload of that name was rejected, as `exhume` does. */
export function numbered(start: string, refused: readonly string[]): string {
  const taken = new Set(refused);
  let name = start;
  for (let tried = 2; taken.has(name); tried += 1) name = `${start}-${tried}`;
  return name;
}
