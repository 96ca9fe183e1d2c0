import { describe, expect, it } from "vitest";
import { detailOf, faultLines, placed } from "@/api/faults";
import { ApiError } from "@/api/problem";

const invalid = (...errors: object[]) => ({
  title: "Unusable request",
  status: 422,
  code: "invalid_request",
  detail: "The request does not fit the API: body.rights.declared_by: String should have at least 2 characters.",
  errors: errors as Record<string, unknown>[],
});
const fault = (where: string, message: string) => ({ where, message, type: "x" });
const FIELDS = { paths: { name: "name", "rights.declared_by": "declaredBy", convention: "convention" }, codes: { name_taken: "name" } } as const;

describe("the errors of a problem", () => {
  it.each([
    ["Field required", "Enter a value."],
    ["String should have at least 1 character", "Enter a value."],
    ["String should have at least 10 characters", "Enter at least 10 characters."],
    ["List should have at least 2 items after validation, not 1", "Give at least 2."],
    ["Input should be greater than or equal to 8", "Enter 8 or more."],
    ["Input should be less than 1", "Enter a number below 1."],
    ["Input should be a valid integer, unable to parse string as an integer", "Enter a whole number."],
    ["Input should be 'quick', 'standard' or 'deep'", "Choose one of quick, standard, deep."],
    ["class names must differ; repeated: a, b", "Class names must differ; repeated: a, b."],
  ])("say what to do: %s", (message, words) => {
    expect(faultLines(invalid(fault("body.some_field", message)))).toEqual([`Some field: ${words}`]);
  });

  it("are never shown as JSON", () => {
    const lines = faultLines(
      invalid(
        { expected: { height: 32, width: 32, channels: 1 }, found: { height: 64, width: 64, channels: null } },
        { name: "fc.weight", detail: "shape", expected: [90, 128], found: [64, 128] },
        { names: ["Anna", "ANNA"] },
        { nearest: ["timm/resnet18", "timm/resnet34"] },
        { identity: "ada" },
        fault("body.classes.3", "Field required"),
        { field: "convention.mean", found: [127.5], suggested: [0.5] },
      ),
    );
    expect(lines).toEqual([
      "expected height 32, width 32, channels 1, found height 64, width 64, channels none",
      "fc.weight: shape: expected 90 × 128, found 64 × 128",
      "names Anna, ANNA",
      "nearest timm/resnet18, timm/resnet34",
      "identity ada",
      "Classes, number 4: Enter a value.",
      "Convention, mean: found 127.5, suggested 0.5",
    ]);
    expect(detailOf(invalid(fault("body.x", "Field required")))).not.toContain("body.");
  });

  it("are placed at the fields of the form, and the rest is kept", () => {
    const both = placed(new ApiError(422, invalid(fault("body.rights.declared_by", "Field required"), fault("body.other", "Field required"))), FIELDS);
    expect(both.at).toEqual({ declaredBy: "Enter a value." });
    expect(both.rest).toBeInstanceOf(ApiError);
    expect((both.rest as ApiError).problem.errors).toHaveLength(1);
    const one = placed(new ApiError(422, invalid(fault("body.convention.mean.0", "Input should be a valid number"))), FIELDS);
    expect(one).toEqual({ at: { convention: "Enter a number." }, rest: null });
  });

  it("go to the field of their code or of their path, with the detail of the service", () => {
    const taken = { title: "Taken", status: 409, code: "name_taken", detail: "“x” exists already.", errors: [] };
    expect(placed(new ApiError(409, taken), FIELDS)).toEqual({ at: { name: "“x” exists already." }, rest: null });
    const size = { ...taken, code: "convention_0_255", detail: "Divide them by 255.", errors: [{ field: "convention.mean", found: [127] }] };
    expect(placed(new ApiError(422, size), FIELDS)).toEqual({ at: { convention: "Divide them by 255." }, rest: null });
    const found = { ...size, errors: [{ expected: 32, found: 64 }, { field: "name" }] };
    expect(placed(new ApiError(422, found), FIELDS)).toEqual({ at: { name: "Divide them by 255." }, rest: null });
    expect(faultLines(found)).toEqual(["expected 32, found 64"]);
  });

  it("stay whole where they are not of the service", () => {
    const broken = new TypeError("fetch failed");
    expect(placed(broken, FIELDS)).toEqual({ at: {}, rest: broken });
    expect(placed(null, FIELDS)).toEqual({ at: {}, rest: null });
  });
});
