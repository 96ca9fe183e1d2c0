// The single errors of a problem: in words, and at the fields of a form.
import { ApiError, type Problem, problemOf } from "@/api/problem";

interface Fault {
  /** Path of the field in the body, such as "rights.statement". Empty where no field is named. */
  path: string;
  words: string;
}

/** Messages of the validation, and what a person should do. */
const INSTRUCTIONS: [RegExp, (...found: string[]) => string][] = [
  [/^Field required/, () => "Enter a value."],
  [/^(String|Value) should have at least 1 (character|item)/, () => "Enter a value."],
  [/^String should have at least (\d+) characters/, (n) => `Enter at least ${n} characters.`],
  [/^String should have at most (\d+) characters/, (n) => `Enter at most ${n} characters.`],
  [/^(?:List|Tuple|Set) should have at least (\d+) items?/, (n) => `Give at least ${n}.`],
  [/^(?:List|Tuple|Set) should have at most (\d+) items?/, (n) => `Give at most ${n}.`],
  [/^Input should be greater than or equal to (\S+)/, (n) => `Enter ${n} or more.`],
  [/^Input should be less than or equal to (\S+)/, (n) => `Enter ${n} or less.`],
  [/^Input should be greater than (\S+)/, (n) => `Enter a number above ${n}.`],
  [/^Input should be less than (\S+)/, (n) => `Enter a number below ${n}.`],
  [/^Input should be a valid integer/, () => "Enter a whole number."],
  [/^Input should be a valid number/, () => "Enter a number."],
  [/^Input should be a valid (?:string|text)/, () => "Enter text."],
  [/^Input should be ('.+)$/, (choices) => `Choose one of ${choices.replaceAll("'", "").replace(/ or (?=\S+$)/, ", ")}.`],
  [/^String should match pattern/, () => "This value is not in the expected form."],
  [/^Extra inputs are not permitted/, () => "This service does not know this field."],
];

function instruction(message: string): string {
  for (const [pattern, words] of INSTRUCTIONS) {
    const found = pattern.exec(message);
    if (found) return words(...found.slice(1));
  }
  const sentence = capital(message.trim().replace(/^Value error, /, ""));
  return /[.?!]$/.test(sentence) ? sentence : `${sentence}.`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const spaced = (name: string) => name.replaceAll("_", " ");

/** Return a value in words, without the punctuation of JSON. */
function inWords(value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (Array.isArray(value)) {
    const numbers = value.length > 0 && value.every((one) => typeof one === "number");
    return value.length === 0 ? "none" : value.map(inWords).join(numbers ? " × " : ", ");
  }
  if (typeof value === "object") {
    return Object.entries(value).map(([name, one]) => `${spaced(name)} ${inWords(one)}`).join(", ");
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

function pathOf(error: Record<string, unknown>): string {
  const at = error.where ?? error.loc ?? error.field;
  const parts = typeof at === "string" ? at.split(".") : Array.isArray(at) ? at.map(String) : [];
  return (parts[0] === "body" ? parts.slice(1) : parts).join(".");
}

/** Return the name of a field that has no label: "rights.declared_by" is "Rights, declared by". */
function nameOf(path: string): string {
  const parts = path.split(".").map((part) => (/^\d+$/.test(part) ? `number ${Number(part) + 1}` : spaced(part)));
  return capital(parts.join(", "));
}

/** Keys that are shown in another way. */
const READ = new Set(["where", "loc", "field", "type", "name", "detail", "message", "msg"]);

function faultOf(error: unknown): Fault {
  if (error === null || typeof error !== "object") return { path: "", words: inWords(error) };
  const parts = error as Record<string, unknown>;
  const { name, detail, message, msg } = parts;
  const path = pathOf(parts);
  const said = [message, msg].find((one): one is string => typeof one === "string");
  if (said !== undefined) return { path, words: instruction(said) };
  const head = [name, detail].filter((one): one is string => typeof one === "string" && one !== "");
  const rest = head.some((one) => one.includes("expected")) ? [] : Object.entries(parts).filter(([key]) => !READ.has(key)).map(([key, value]) => `${spaced(key)} ${inWords(value)}`);
  return { path, words: [...head, rest.join(", ")].filter((one) => one !== "").join(": ") };
}

/** Return the errors of a problem as sentences. Those of the validation begin with their field. */
export function faultLines(problem: Problem): string[] {
  const faults = (problem.errors ?? []).map(faultOf).filter(({ words }) => words !== ""); // one with a field alone only says where
  return faults.map(({ path, words }) => (path === "" ? words : `${nameOf(path)}: ${words}`));
}

/** Return what happened, in a sentence without paths of the API. */
export function detailOf(problem: Problem): string {
  return problem.code === "invalid_request" && (problem.errors ?? []).length > 0 ? "The service does not accept these values." : problem.detail;
}

/** The fields of a form, by path of the request and by code of a problem about one field. */
export interface FormFields<F extends string> {
  paths: Readonly<Record<string, F>>;
  codes?: Readonly<Record<string, F>>;
}

export interface Placed<F extends string> {
  at: Partial<Record<F, string>>;
  /** What belongs to no field of the form. Null if nothing is left. */
  rest: unknown;
}

/** Place the errors of a failed request at the fields of its form. */
export function placed<F extends string>(error: unknown, { paths, codes = {} }: FormFields<F>): Placed<F> {
  const at: Placed<F>["at"] = {};
  if (error === null || error === undefined) return { at, rest: null };
  if (!(error instanceof ApiError)) return { at, rest: error };
  const problem = problemOf(error);
  const byCode = problem.code === undefined ? undefined : codes[problem.code];
  const left = (problem.errors ?? []).filter((one) => {
    const { path, words } = faultOf(one);
    const field = fieldAt(path, paths);
    if (field === undefined) return true;
    at[field] ??= problem.code === "invalid_request" ? words : problem.detail;
    return false;
  });
  if (Object.keys(at).length === 0 && byCode !== undefined) return { at: { [byCode]: problem.detail } as Placed<F>["at"], rest: null };
  const settled = Object.keys(at).length > 0 && (left.length === 0 || problem.code !== "invalid_request");
  return { at, rest: settled ? null : new ApiError(error.status, { ...problem, errors: left }) };
}

/** Return the field of the longest known path that contains this one. */
function fieldAt<F extends string>(path: string, paths: Readonly<Record<string, F>>): F | undefined {
  const parts = path.split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const field = paths[parts.slice(0, length).join(".")];
    if (field !== undefined) return field;
  }
  return undefined;
}
