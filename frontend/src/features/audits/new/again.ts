// The form of an audit that is started again, filled with its plan.
import type { Audit, Plan } from "@/api/model";
import { type AuditForm, type Choices, emptyForm, NEWEST, NONE } from "@/features/audits/new/form";
import type { NewAuditSearch } from "@/features/audits/search";
import { givenNumber } from "@/format/numbers";

/**
 * Return the filled form. Deleted inputs, such as a verifier, are left out. The declaration is made
 * anew.
 */
export function formAgain(audit: Audit, choices: Choices): AuditForm {
  const { plan } = audit;
  const [attack, ...others] = plan.attacks;
  const empty = emptyForm();
  const ready = (id: string | undefined, items: readonly { id: string; state: string }[]) =>
    items.find((one) => one.id === id && one.state === "ready")?.id ?? "";
  const sample = plan.identity_sample;
  const all = sample.count >= sample.of;
  return {
    ...empty,
    release: ready(audit.release.id, choices.releases),
    publicSet: ready(audit.public_dataset.id, choices.datasets),
    privateSet: audit.private_dataset ? ready(audit.private_dataset.id, choices.datasets) : NONE,
    gallery: ready(audit.gallery_dataset?.id, choices.datasets),
    verifiers: verifiersOf(plan, choices),
    twin: audit.twin_release ? ready(audit.twin_release.id, choices.releases) || NEWEST : NONE,
    prior: attack?.prior ?? empty.prior,
    releasePlan: plan.release_plan ?? "undeclared",
    attack: attack?.name ?? empty.attack,
    combination: plan.combination,
    others: others.map(({ name, setting, prior }) => ({ name, setting, prior })),
    setting: attack?.setting ?? empty.setting,
    all,
    identities: all ? empty.identities : String(sample.count),
    seed: String(plan.seed),
    effort: plan.effort,
    budget: givenNumber(plan.budget),
    stopEarly: Boolean(plan.look),
  };
}

/** Return the inputs of an audit as an address names them. */
export function searchOfAudit(audit: Audit): NewAuditSearch {
  return {
    release: audit.release.id,
    public: audit.public_dataset.id,
    ...(audit.private_dataset ? { private: audit.private_dataset.id } : {}),
    ...(audit.gallery_dataset ? { gallery: audit.gallery_dataset.id } : {}),
    ...(audit.twin_release ? { twin: audit.twin_release.id } : {}),
    verifiers: (audit.plan.verifiers ?? []).filter(({ source }) => source === "uploaded").map(({ name }) => name).join(","),
  };
}

/** Return the verifiers of the plan. Return none where all are bundled: they are the default. */
function verifiersOf(plan: Plan, { verifiers, bundled }: Choices): string[] {
  const planned = plan.verifiers ?? [];
  if (planned.every(({ source }) => source === "bundled")) return [];
  const bare = (digest: string | null) => (digest ?? "").replace(/^sha256:/, "");
  return planned.flatMap(({ name, digest, source }) => {
    if (source === "bundled") return bundled.some((one) => one.name === name) ? [name] : [];
    const uploaded = verifiers.find((one) => one.state === "ready" && bare(one.sha256) === bare(digest));
    return uploaded ? [uploaded.id] : [];
  });
}
