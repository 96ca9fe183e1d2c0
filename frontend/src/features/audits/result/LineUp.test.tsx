import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { serveFinished } from "@/testing/finishedAudit";
import { audit, identities, result } from "@/testing/fixtures";
import { page, renderAt } from "@/testing/render";

beforeEach(() => localStorage.clear());

describe("the line-up", () => {
  it("shows covered images until a purpose is stated", async () => {
    const calls = serveFinished();
    renderAt(`/audits/${audit(2).id}`);
    const pictures = await screen.findAllByRole("img", { name: /, covered$/ });
    expect(pictures).toHaveLength(24);
    for (const picture of pictures) expect(picture.getAttribute("src")).not.toContain("original");
    await userEvent.click(screen.getByRole("button", { name: /Reveal images/ }));
    const dialog = screen.getByRole("dialog");
    expect(dialog).toHaveTextContent("with this purpose and who asked: Operator.");
    for (const purpose of within(dialog).getAllByRole("radio")) expect(purpose).not.toBeChecked();
    await userEvent.click(screen.getByRole("button", { name: "Reveal and log" }));
    expect(screen.getByLabelText("Show")).toHaveAccessibleDescription("Choose whose images to show.");
    expect(screen.getByRole("group", { name: "Purpose" })).toHaveAccessibleDescription("Choose a purpose.");
    await userEvent.selectOptions(screen.getByLabelText("Show"), "All 12 in the line-up");
    expect(dialog).toHaveTextContent("24 images are shown");
    await userEvent.click(screen.getByRole("radio", { name: "Another purpose" }));
    await userEvent.click(screen.getByRole("button", { name: "Reveal and log" }));
    expect(screen.getByLabelText("Your purpose")).toHaveAccessibleDescription("Enter a purpose.");
    expect(calls.filter(({ query }) => query.has("original"))).toEqual([]);
  });

  it("reveals the images of one person", async () => {
    const calls = serveFinished();
    renderAt(`/audits/${audit(2).id}`);
    await userEvent.click(await screen.findByRole("button", { name: /Reveal images/ }));
    const options = within(screen.getByLabelText("Show")).getAllByRole("option");
    const name = options[3]?.textContent ?? "";
    await userEvent.selectOptions(screen.getByLabelText("Show"), name);
    await userEvent.click(screen.getByRole("radio", { name: "To check the finding" }));
    expect(screen.getByRole("dialog")).toHaveTextContent("2 images are shown, until");
    await userEvent.click(screen.getByRole("button", { name: "Reveal and log" }));
    expect(screen.getAllByRole("img", { name: /, covered$/ })).toHaveLength(22);
    await vi.waitFor(() => expect(calls.filter(({ query }) => query.has("original"))).toHaveLength(2));
    const one = identities.find((identity) => identity.name === name);
    expect(calls.filter(({ query }) => query.has("original")).map(({ path }) => path)).toContain(`/reconstructions/${one?.reconstruction_id ?? ""}/image`);
  });

  it("says what the evaluator found where no verifier judged", async () => {
    const unjudged = { verified: null, nearest_reference: null, similarity: null, threshold: null, strength: null, rank_exposed: null };
    const alone = identities.map((one, at) => ({ ...one, ...unjudged, evaluator_top1: at > 0 }));
    serveFinished(audit(2), { [`GET /audits/${audit(2).id}/identities`]: page(alone) });
    renderAt(`/audits/${audit(2).id}`);
    expect(await screen.findAllByRole("img", { name: /, covered$/ })).toHaveLength(12);
    expect(screen.getAllByText("recognised by evaluator")).toHaveLength(11);
    expect(screen.getAllByText("not recognised by evaluator")).toHaveLength(1);
    expect(screen.queryByText("not compared")).not.toBeInTheDocument();
    expect(screen.queryByText("No private image")).not.toBeInTheDocument();
    expect(screen.getByText(/Verifiers choose the private images to show beside them, and none judged/)).toBeVisible();
  });

  it("has no pictures of an identity that was erased", async () => {
    const [first, ...others] = identities.map((one) => ({ ...one }));
    const erased = { ...first, name: "erased-1f0a52c4b97d", nearest_reference: null };
    serveFinished(audit(2), { [`GET /audits/${audit(2).id}/identities`]: page([erased, ...others]) });
    renderAt(`/audits/${audit(2).id}`);
    expect(await screen.findAllByRole("img", { name: /, covered$/ })).toHaveLength(22);
    expect(screen.getAllByText("Deleted")).toHaveLength(2);
    await userEvent.click(screen.getByRole("button", { name: /Reveal images/ }));
    expect(screen.queryByRole("option", { name: erased.name })).not.toBeInTheDocument();
    await userEvent.selectOptions(screen.getByLabelText("Show"), "All 11 in the line-up");
    expect(screen.getByRole("dialog")).toHaveTextContent("22 images are shown");
    expect(screen.getByRole("dialog")).toHaveTextContent("The audit log gets an entry for each one,");
  });

  it("does not say that no verifier judged where all identities were erased", async () => {
    const erased = identities.map((one) => ({ ...one, name: "erased-1f0a52c4b97d", nearest_reference: null, evaluator_top1: true }));
    serveFinished(audit(2), { [`GET /audits/${audit(2).id}/identities`]: page(erased) });
    renderAt(`/audits/${audit(2).id}`);
    expect((await screen.findAllByText("Deleted")).length).toBeGreaterThan(12);
    expect(screen.queryByText(/none judged/)).not.toBeInTheDocument();
  });

  it("covers the images of another audit, although its page was open before", async () => {
    const [one, other] = [audit(2), audit(4)];
    const calls = serveFinished(one, {
      [`GET /audits/${other.id}`]: { body: other },
      [`GET /audits/${other.id}/result`]: { body: result },
      [`GET /audits/${other.id}/identities`]: page(identities),
      [`GET /audits/${other.id}/blind-line-ups`]: page([]),
    });
    const { router } = renderAt(`/audits/${other.id}`);
    await screen.findByRole("button", { name: /Reveal images/ });
    const open = (auditId: string) => act(() => router.navigate({ to: "/audits/$auditId", params: { auditId } }));
    await open(one.id);
    await userEvent.click(await screen.findByRole("button", { name: /Reveal images/ }));
    await userEvent.selectOptions(screen.getByLabelText("Show"), "All 12 in the line-up");
    await userEvent.click(screen.getByRole("radio", { name: "To check the finding" }));
    await userEvent.click(screen.getByRole("button", { name: "Reveal and log" }));
    await vi.waitFor(() => expect(calls.filter(({ query }) => query.has("original"))).toHaveLength(24));
    await open(other.id);
    expect(await screen.findByRole("button", { name: /Reveal images/ })).toBeVisible();
    expect(screen.getAllByRole("img", { name: /, covered$/ })).toHaveLength(24);
    expect(calls.filter(({ path, query }) => query.has("original") && path.startsWith(`/audits/${other.id}/`))).toEqual([]);
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
    await userEvent.selectOptions(screen.getByLabelText("Show"), "All 12 in the line-up");
    await userEvent.click(screen.getByRole("radio", { name: "To check the finding" }));
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
