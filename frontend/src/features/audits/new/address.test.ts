import { describe, expect, it } from "vitest";
import { formOfSearch, searchOfForm } from "@/features/audits/new/address";
import { type AuditForm, emptyForm, NEWEST, NONE } from "@/features/audits/new/form";
import { validateNewAuditSearch } from "@/features/audits/search";
import { bundled, dataset, gallery, release, twinRelease, verifiers } from "@/testing/fixtures";

const choices = { releases: [release(2), twinRelease], datasets: [dataset(1), dataset(2, { role: "private" }), gallery], verifiers, bundled };

describe("the address of a new audit", () => {
  it("is empty for the defaults", () => {
    expect(searchOfForm(emptyForm())).toEqual({});
    expect(formOfSearch({}, choices)).toEqual(emptyForm());
  });

  it("keeps every choice, and nothing of the declaration", () => {
    const form: AuditForm = {
      release: release(2).id,
      publicSet: dataset(1).id,
      privateSet: NONE,
      gallery: gallery.id,
      verifiers: [verifiers[0]?.id ?? "", bundled[0]?.name ?? ""],
      twin: twinRelease.id,
      prior: "pca",
      releasePlan: "hosted",
      attack: "gmi",
      combination: "strongest",
      others: [{ name: "kedmi", setting: "lom", prior: "built-in" }, { name: "ppa" }],
      setting: "lomma",
      all: false,
      identities: "12",
      seed: "7",
      effort: "deep",
      budget: "2,5",
      stopEarly: true,
      declaredBy: "Dana",
      statement: "We own this model.",
      agreed: true,
    };
    const search = searchOfForm(form);
    expect(search).toMatchObject({ also: "kedmi:lom:built-in,ppa", identities: 12, seed: 7, budget: "2,5", early: true, private: NONE });
    expect(JSON.stringify(search)).not.toMatch(/Dana|own/);
    expect(validateNewAuditSearch({ ...search, unknown: 1 })).toEqual(search);
    expect(formOfSearch(search, choices)).toEqual({ ...form, declaredBy: "", statement: "", agreed: false });
  });

  it("ignores values that do not exist, and a twin as the release", () => {
    const form = formOfSearch({ release: twinRelease.id, effort: "huge", attack: "x", also: "y,gmi:z", prior: "p", twin: "t", verifiers: "v", private: dataset(1).id }, choices);
    expect(form).toEqual({ ...emptyForm(), others: [{ name: "gmi" }], twin: NEWEST });
  });

  it("takes a verifier once", () => {
    const id = verifiers[0]?.id ?? "";
    expect(formOfSearch({ verifiers: `${id},${id}` }, choices).verifiers).toEqual([id]);
  });
});
