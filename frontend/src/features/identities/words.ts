// The erasure of an identity in words.
import type { IdentityPreview } from "@/api/model";
import { count, plural } from "@/format/numbers";
import { shellWord } from "@/format/shell";
import type { Named } from "@/features/identities/queries";

const ERASED = /^erased-[0-9a-f]{12}$/;

/** Tell whether a name is the pseudonym of an erased identity, which no data set has. */
export function isErased(name: string): boolean {
  return ERASED.test(name);
}

/** Return what an erasure destroys, one line for each kind of thing. */
export function erasedLines({ sets, pictures, artifacts }: IdentityPreview): string[] {
  return [
    ...sets.map(({ name, images }) => `${plural(images, "image")} of the data set ${name}`),
    ...(pictures > 0 ? [`${plural(pictures, "image")} of audits: reconstructions and controls`] : []),
    ...(artifacts > 0 ? [`${plural(artifacts, "file")} that stages made from these data sets. Later audits make them again.`] : []),
  ];
}

/** Return where a pseudonym takes the place of the name. */
export function renamedLines({ classes, audits, rewrites }: IdentityPreview): string[] {
  return [
    ...classes.map(({ version, index }) => `Class ${count(index)} of release ${version}`),
    ...(audits.length > 0 ? [`The results of ${plural(audits.length, "audit")}`] : []),
    ...(rewrites.length > 0 ? [`The text of ${plural(rewrites.length, "waiver or legal hold", "waivers or legal holds")}`] : []),
  ];
}

/** Return the name of an identity as an argument of `exhume identity`. */
export function identityWord({ dataset, name }: Named): string {
  return shellWord(`${dataset}:${name}`);
}
