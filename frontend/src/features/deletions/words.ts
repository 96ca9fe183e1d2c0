// Deletions in words.
import type { Destroyed } from "@/api/model";
import { plural } from "@/format/numbers";

/** What can be deleted. */
export type SubjectKind = "dataset" | "release" | "verifier" | "prior" | "audit" | "project";

export const KIND_WORDS: Record<SubjectKind, string> = {
  dataset: "Data set",
  release: "Release",
  verifier: "Verifier",
  prior: "Prior",
  audit: "Images of an audit",
  project: "Project",
};

const RECEIPT_WORDS: Record<string, string> = { ...KIND_WORDS, identity: "Identity" };

/** The kinds of receipts that this page knows. */
export const RECEIPT_KINDS = Object.keys(RECEIPT_WORDS);

/** Return the word for a kind. The service may have kinds that this page does not know. */
export function kindWord(kind: string): string {
  return Object.hasOwn(RECEIPT_WORDS, kind) ? (RECEIPT_WORDS[kind] ?? kind) : kind;
}

/** Return what a deletion destroys, one line for each kind of thing. */
export function destroyedLines({ objects, artifacts, unfinished_uploads, pictures, pictures_of, images }: Destroyed): string[] {
  const named = objects.filter((key) => !key.endsWith("/")).length;
  const files = named < objects.length ? named : named - artifacts; // artifacts of a project are in folders
  const lines: [number, string][] = [
    [files, plural(files, "stored file")],
    [images, plural(images, "private image")],
    [artifacts, `${plural(artifacts, "file")} that stages made from it, such as evaluators and priors`],
    [unfinished_uploads, plural(unfinished_uploads, "unfinished upload")],
    [pictures, `${plural(pictures, "image")} of ${plural(pictures_of.length, "audit")}: reconstructions and controls`],
  ];
  return lines.filter(([count]) => count > 0).map(([, line]) => line);
}
