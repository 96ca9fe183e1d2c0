import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { serveFinished } from "@/testing/finishedAudit";
import { audit, identities } from "@/testing/fixtures";
import { renderAt } from "@/testing/render";

beforeEach(() => localStorage.clear());

describe("the line-up", () => {
  it("shows covered images until a purpose is stated", async () => {
    const calls = serveFinished();
    renderAt(`/audits/${audit(2).id}`);
    const pictures = await screen.findAllByRole("img", { name: /, covered$/ });
    expect(pictures).toHaveLength(24);
    for (const picture of pictures) expect(picture.getAttribute("src")).not.toContain("original");
    await userEvent.click(screen.getByRole("button", { name: /Reveal images/ }));
    expect(screen.getByRole("dialog")).toHaveTextContent("24 images are shown");
    expect(screen.getByRole("dialog")).toHaveTextContent("with this purpose and who asked: Operator.");
    expect(calls.filter(({ query }) => query.has("original"))).toEqual([]);
    await userEvent.click(screen.getByRole("radio", { name: "Another purpose" }));
    expect(screen.getByRole("button", { name: "Reveal and log" })).toBeDisabled();
  });

  it("says where the key cannot reveal images, and stays covered", async () => {
    const subject = audit(2);
    const forbidden = { status: 403, body: { title: "Not allowed", status: 403, code: "scope_missing", detail: "This needs reconstructions:reveal." } };
    const images = identities.flatMap(({ reconstruction_id, nearest_reference }) => [
      `/reconstructions/${reconstruction_id ?? ""}/image`,
      `/audits/${subject.id}/references/${nearest_reference ?? ""}/image`,
    ]);
    serveFinished(subject, Object.fromEntries(images.map((path) => [`GET ${path}`, forbidden])));
    renderAt(`/audits/${subject.id}`);
    await userEvent.click(await screen.findByRole("button", { name: /Reveal images/ }));
    await userEvent.click(screen.getByRole("button", { name: "Reveal and log" }));
    expect(await screen.findByText("Your key cannot reveal images")).toBeVisible();
    expect(screen.getAllByRole("img", { name: /, covered$/ })).toHaveLength(24);
  });

  it("says when the images were deleted", async () => {
    const subject = audit(2, { images_deleted: true });
    serveFinished(subject);
    renderAt(`/audits/${subject.id}`);
    expect(await screen.findByText("The images were deleted")).toBeVisible();
    expect(screen.queryByRole("img", { name: /, covered$/ })).not.toBeInTheDocument();
  });
});
