// The keys of a review.

export type Action = { choose: number } | "unsure" | "grey" | "confirm";

export const NONE_OF_THESE = 0;

interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  repeat: boolean;
}

/** Return what a key does, or null. Keys with a modifier belong to the browser. */
export function actionOf({ key, ctrlKey, metaKey, altKey, repeat }: Key, candidates: number): Action | null {
  if (ctrlKey || metaKey || altKey || repeat) return null;
  if (/^[1-9]$/.test(key)) return Number(key) <= candidates ? { choose: Number(key) } : null;
  switch (key.toLowerCase()) {
    case "0":
    case "n":
      return { choose: NONE_OF_THESE };
    case "u":
      return "unsure";
    case "g":
      return "grey";
    case "enter":
      return "confirm";
    default:
      return null;
  }
}

export const KEYS: readonly [keys: string, does: string][] = [
  ["0 or N", "none of these"],
  ["U", "unsure"],
  ["G", "greyscale"],
  ["Enter", "confirm"],
];
