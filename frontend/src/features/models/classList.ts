// A list of class names, as text or as a file: one name per line, CSV, or JSON.
import { isObject } from "@/features/models/description";

type Listed = { ok: true; names: string[] } | { ok: false; problem: string };

/** Keys of JSON that may hold the names. The first that is present is used. */
const KEYS = ["classes", "class_names", "names", "labels", "label_names", "id2label", "idx_to_class", "label2id", "class_to_idx"] as const;
const no = (problem: string): Listed => ({ ok: false, problem });
const MARK = /^\uFEFF/;

/** Parse a file by its name and its text. */
export function namesOfFile(filename: string, text: string): Listed {
  const plain = text.replace(MARK, "");
  if (/\.json$/i.test(filename) || /^\s*[[{]/.test(plain)) return namesOfJson(plain);
  return /\.(csv|tsv)$/i.test(filename) ? namesOfTable(plain) : namesOfLines(plain);
}

/** Parse text with one name per line, in the order of the outputs. */
export function namesOfLines(text: string): Listed {
  const lines = text.replace(MARK, "").split(/\r?\n/).map((line) => line.trim());
  while (lines.at(-1) === "") lines.pop();
  const gap = lines.indexOf("");
  if (gap >= 0) return no(`Line ${gap + 1} is empty. Give one name per line, in the order of the outputs.`);
  return checked(lines);
}

function checked(names: readonly string[]): Listed {
  if (names.length < 2) return no("Give at least two names, in the order of the outputs.");
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return no(`“${name}” is listed twice. Each class needs a name of its own.`);
    seen.add(name);
  }
  return { ok: true, names: [...names] };
}

function namesOfJson(text: string): Listed {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return no("This file is not valid JSON.");
  }
  const key = isObject(document) ? KEYS.find((one) => one in (document as object)) : undefined;
  const value: unknown = key === undefined ? document : (document as Record<string, unknown>)[key];
  if (Array.isArray(value)) {
    return value.every((one) => typeof one === "string" || typeof one === "number") ? checked(value.map(String)) : no("The list must hold names only.");
  }
  if (!isObject(value)) return no(`This file has no class names. They may be a list, or an object under one of ${KEYS.join(", ")}.`);
  const pairs = Object.entries(value);
  const toIndex = pairs.every(([, one]) => typeof one === "number"); // class_to_idx
  return byIndex(pairs.map(([left, right]) => (toIndex ? [right, left] : [left, right])));
}

/** Return the names in the order of their indices, which must be 0, 1, 2 and so on. */
function byIndex(pairs: readonly (readonly [unknown, unknown])[]): Listed {
  const names: string[] = [];
  for (const [index, name] of pairs) {
    const at = Number(index);
    if (!Number.isInteger(at) || at < 0 || typeof name !== "string") return no("Each name needs an index, a whole number from 0.");
    if (names[at] !== undefined) return no(`Index ${at} is given twice.`);
    names[at] = name;
  }
  const gap = Array.from({ length: names.length }, (_, at) => names[at]).indexOf(undefined);
  return gap >= 0 ? no(`Index ${gap} is missing. The indices must be 0, 1, 2 and so on.`) : checked(names);
}

function namesOfTable(text: string): Listed {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const separator = [",", ";", "\t"].find((one) => lines[0]?.includes(one)) ?? ",";
  const rows = lines.map((line) => cellsOf(line, separator));
  if (rows.every((cells) => cells.length === 1)) {
    const names = rows.map(([name = ""]) => name);
    return checked(/^(class|classes|name|names|label)$/i.test(names[0] ?? "") ? names.slice(1) : names);
  }
  const body = rows[0]?.some(isIndex) ? rows : rows.slice(1); // without its header
  const column = [0, 1].find((at) => body.length > 0 && body.every((cells) => isIndex(cells[at] ?? "")));
  if (column === undefined) return no("A table needs a column of indices from 0, and a column of names.");
  return byIndex(body.map((cells) => [cells[column], cells[1 - column] ?? ""]));
}

const isIndex = (cell: string) => /^\d{1,9}$/.test(cell);

/** Split a line of CSV. Quotes keep separators, and are doubled inside quotes. */
function cellsOf(line: string, separator: string): string[] {
  const cells = [""];
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const sign = line.charAt(at);
    if (sign === '"' && quoted && line.charAt(at + 1) === '"') at += 1;
    else if (sign === '"') {
      quoted = !quoted;
      continue;
    } else if (sign === separator && !quoted) {
      cells.push("");
      continue;
    }
    cells.push(`${cells.pop() ?? ""}${sign}`);
  }
  return cells.map((cell) => cell.trim());
}
