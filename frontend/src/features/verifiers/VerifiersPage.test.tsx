import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { cardOf, conventionOf } from "@/features/verifiers/description";
import { audit, bundled, gallery, projects, result, session, verifiers } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = projects[0]?.id ?? "";
const service = {
  "GET /session": { body: session },
  "GET /projects": page(projects),
  [`GET /projects/${project}/verifiers`]: page(verifiers),
  [`GET /projects/${project}/datasets`]: page([gallery]),
  [`GET /projects/${project}/audits`]: page([audit(2)]),
  [`GET /audits/${audit(2).id}/result`]: { body: result },
  "GET /bundled-verifiers": page(bundled),
};

beforeEach(() => localStorage.clear());

describe("the page of verifiers", () => {
  it("shows the newest measured rates with sample sizes", async () => {
    stubService(service);
    renderAt(`/projects/${project}/verifiers`);
    const table = await screen.findByRole("table", { name: "Bundled verifiers" });
    await within(table).findAllByRole("link", { name: "an audit" });
    const row = within(table).getByRole("row", { name: /omniglot-resnet-arcface/ });
    expect(row).toHaveTextContent(/93.4.% \(90.% to 96.%, n 90\)/);
    expect(row).toHaveTextContent(/0.620/);
    expect(row).toHaveTextContent(/1.% \(0\.2.% to 3.%, n 90\)/);
    const uploaded = screen.getByRole("table", { name: "Uploaded verifiers" });
    expect(within(uploaded).getByRole("row", { name: /badge-plain/ })).toHaveTextContent("no audit yet");
    expect(within(uploaded).getByText(/would tell nobody from anybody/)).toBeVisible();
    expect(screen.getByText("visitors")).toBeVisible();
  });

  it("asks for a file before it sends one", async () => {
    const calls = stubService(service);
    renderAt(`/projects/${project}/verifiers`);
    await userEvent.click(await screen.findByRole("button", { name: "Upload a verifier" }));
    await userEvent.click(screen.getByRole("button", { name: "Upload and check" }));
    expect(screen.getByText("Choose an .onnx file.")).toBeVisible();
    expect(calls.filter(({ method }) => method !== "GET")).toEqual([]);
  });
});

describe("the description of a verifier", () => {
  it("is a convention of one number or three", () => {
    expect(conventionOf("0.5", "0.5", "BGR")).toEqual({ mean: [0.5], std: [0.5], channel_order: "BGR" });
    expect(conventionOf("0.485, 0.456 0.406", "1", "RGB")).toMatchObject({ mean: [0.485, 0.456, 0.406] });
    for (const [mean, std] of [["", "1"], ["a", "1"], ["0 1", "1"]]) expect(conventionOf(mean ?? "", std ?? "", "RGB")).toContain("one number, or three");
    expect(conventionOf("0", "0", "RGB")).toContain("above 0");
  });
  it("is a card that is a JSON object", () => {
    expect(cardOf("a.json", '{"loss": "triplet"}')).toEqual({ loss: "triplet" });
    expect(() => cardOf("a.json", "no")).toThrow("a.json is not valid JSON");
    expect(() => cardOf("a.json", "[1]")).toThrow("must contain a JSON object");
  });
});
