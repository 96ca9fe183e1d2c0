import { expect, it } from "vitest";
import { placed } from "@/api/faults";
import { ApiError } from "@/api/problem";
import { emptySource, problemsOf, shownFields } from "@/features/sources/form";

const rejected = (where: string) =>
  new ApiError(422, { title: "Invalid request", status: 422, code: "invalid_request", detail: "It does not fit.", errors: [{ where, message: "Field required", type: "missing" }] });

it.each([
  ["body.pass_alias", "https://host/file", false],
  ["body.write_back", "models:/badge@candidate", false],
  ["body.release", "models:/badge@candidate", true],
])("shows an error of %s above a form that has no place for it", (where, address, editing) => {
  const { at, rest } = placed(rejected(where), shownFields({ ...emptySource(), address }, editing));
  expect(at).toEqual({});
  expect(rest).toBeInstanceOf(ApiError);
});

it("places errors at the fields that are shown", () => {
  const form = { ...emptySource(), address: "models:/badge@candidate" };
  expect(placed(rejected("body.pass_alias"), shownFields(form, false)).at).toEqual({ passAlias: "Enter a value." });
  expect(placed(rejected("body.release"), shownFields(form, false)).at).toEqual({ description: "Enter a value." });
});

it("does not ask to correct a description that a change leaves alone", () => {
  const form = { ...emptySource(), name: "candidates", address: "https://host/file", description: "{" };
  expect(problemsOf(form, false)).toHaveProperty("description");
  expect(problemsOf(form, true)).toEqual({});
});
