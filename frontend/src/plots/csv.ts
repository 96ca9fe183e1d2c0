// CSV by RFC 4180. Cells that a spreadsheet would run as formulas are escaped.

export type Cell = string | number | boolean | null | undefined;

function cell(value: Cell): string {
  if (value === null || value === undefined) return "";
  let text = String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv(header: readonly string[], body: readonly (readonly Cell[])[]): string {
  return [header, ...body].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
