// The choices of a new audit in the address of the page, so that a link leads to the same form.
import type { AttackChoice, PriorChoice, Setting } from "@/api/model";
import { type AuditForm, type Choices, emptyForm, NEWEST, NONE } from "@/features/audits/new/form";
import { ATTACKS, EFFORTS, FITTING, PRIORS, RELEASE_PLANS, SETTINGS } from "@/features/audits/new/options";
import type { NewAuditSearch } from "@/features/audits/search";

const COMBINATIONS = ["union", "strongest"] as const;

function oneOf<T extends string>(value: string | undefined, known: readonly T[]): T | undefined {
  return known.find((one) => one === value);
}

/** Return the form of an address. Unknown values and inputs that are not ready are left out. */
export function formOfSearch(search: NewAuditSearch, { releases, datasets, verifiers, bundled }: Choices): AuditForm {
  const empty = emptyForm();
  const ready = (id: string | undefined, items: readonly { id: string; state: string }[]) => items.find((one) => one.id === id && one.state === "ready")?.id ?? "";
  const sets = (role: string) => datasets.filter((one) => one.role === role);
  const judges = [...bundled.map(({ name }) => name), ...verifiers.filter(({ state }) => state === "ready").map(({ id }) => id)];
  return {
    ...empty,
    release: ready(search.release, releases.filter(({ twin_of }) => twin_of === null)),
    publicSet: ready(search.public, sets("public")),
    privateSet: search.private === NONE ? NONE : ready(search.private, sets("private")),
    gallery: ready(search.gallery, sets("gallery")),
    verifiers: [...new Set(listed(search.verifiers))].filter((one) => judges.includes(one)),
    twin: search.twin === NONE ? NONE : ready(search.twin, releases) || NEWEST,
    effort: oneOf(search.effort, EFFORTS) ?? empty.effort,
    attack: oneOf(search.attack, ATTACKS) ?? FITTING,
    others: listed(search.also).flatMap(attackOf),
    combination: oneOf(search.combination, COMBINATIONS) ?? empty.combination,
    setting: oneOf(search.setting, SETTINGS) ?? FITTING,
    prior: oneOf(search.prior, PRIORS) ?? FITTING,
    all: search.identities === undefined,
    identities: textOf(search.identities) ?? empty.identities,
    seed: textOf(search.seed) ?? empty.seed,
    budget: textOf(search.budget) ?? empty.budget,
    stopEarly: search.early === true,
    releasePlan: oneOf(search.plan, RELEASE_PLANS) ?? empty.releasePlan,
  };
}

/** Return the address of a form. Defaults and the declaration are left out. */
export function searchOfForm(form: AuditForm): NewAuditSearch {
  const empty = emptyForm();
  const search: NewAuditSearch = {};
  const put = <K extends keyof NewAuditSearch>(name: K, value: NewAuditSearch[K], usual: unknown) => {
    if (value !== usual && value !== "") search[name] = value;
  };
  put("release", form.release, "");
  put("public", form.publicSet, "");
  put("private", form.privateSet, "");
  put("effort", form.effort, empty.effort);
  put("attack", form.attack, FITTING);
  put("also", form.others.map(nameOf).join(","), "");
  put("combination", form.combination, empty.combination);
  put("setting", form.setting, FITTING);
  put("prior", form.prior, FITTING);
  if (!form.all) put("identities", numberOf(form.identities), "");
  put("seed", numberOf(form.seed), numberOf(empty.seed));
  put("budget", numberOf(form.budget), numberOf(empty.budget));
  put("early", form.stopEarly, false);
  put("verifiers", form.verifiers.join(","), "");
  put("gallery", form.gallery, "");
  put("twin", form.twin, NEWEST);
  put("plan", form.releasePlan, empty.releasePlan);
  return search;
}

const listed = (text: string | undefined): string[] => (text ?? "").split(",").filter((one) => one !== "");
const textOf = (value: string | number | undefined): string | undefined => (value === undefined ? undefined : String(value));

/** Return a number where the text is its shortest form. It needs no quotes in an address. */
function numberOf(text: string): string | number {
  return String(Number(text)) === text ? Number(text) : text;
}

function nameOf({ name, setting, prior }: AttackChoice): string {
  return [name, setting, prior].filter((one) => typeof one === "string").join(":");
}

function attackOf(text: string): AttackChoice[] {
  const [name, ...more] = text.split(":");
  const attack = oneOf(name, ATTACKS);
  if (!attack) return [];
  const setting = more.map((one) => oneOf<Setting>(one, SETTINGS)).find(Boolean);
  const prior = more.map((one) => oneOf<PriorChoice>(one, PRIORS)).find(Boolean);
  return [{ name: attack, ...(setting ? { setting } : {}), ...(prior ? { prior } : {}) }];
}
