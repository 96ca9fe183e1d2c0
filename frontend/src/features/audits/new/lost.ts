// Inputs that a link or an earlier audit names and this project cannot offer.
import { type AuditForm, NEWEST, NONE } from "@/features/audits/new/form";
import type { NewAuditSearch } from "@/features/audits/search";

/** Return what was named and not filled in, such as a deleted data set. */
export function lostInputs(named: NewAuditSearch, form: AuditForm): string[] {
  const lost = (name: string, wanted: string | undefined, found: boolean) => (wanted !== undefined && wanted !== NONE && !found ? [name] : []);
  const verifiers = (named.verifiers ?? "").split(",").filter((one) => one !== "").length;
  return [
    ...lost("the release", named.release, form.release !== ""),
    ...lost("the public images", named.public, form.publicSet !== ""),
    ...lost("the private images", named.private, form.privateSet !== ""),
    ...lost("the gallery", named.gallery, form.gallery !== ""),
    ...lost("the twin", named.twin, form.twin !== NEWEST),
    ...(form.verifiers.length < verifiers ? ["a verifier"] : []),
  ];
}
