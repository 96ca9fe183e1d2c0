import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { audit, audits, notComparable, projects, session } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";
import { shownCommand } from "@/testing/shownCommand";

const around = { "GET /session": { body: session }, "GET /projects": page(projects) };
const project = projects[0]?.id ?? "";

beforeEach(() => localStorage.clear());

describe("the list of audits", () => {
  it("says each verdict in words, with risk and interval", async () => {
    stubService({ ...around, [`GET /projects/${project}/audits`]: page(audits) });
    renderAt(`/projects/${project}/audits`);
    const failing = await screen.findByRole("row", { name: /^Fail/ });
    expect(failing).toHaveTextContent(/71.%/);
    expect(within(failing).getByRole("img")).toHaveAccessibleName("Risk 71\u00a0%, 95 % interval 60\u00a0% to 80\u00a0%, budget 5\u00a0%");
    expect(screen.getByRole("row", { name: /Did not finish/ })).toHaveTextContent("needed more memory");
    expect(screen.getByRole("row", { name: /^Running/ })).toHaveTextContent("estimated 3 min 14 s");
  });

  it("does not say that an audit runs which waits or is being stopped", async () => {
    stubService({ ...around, [`GET /projects/${project}/audits`]: page([audit(2, { state: "queued", risk: null, verdict: null }), audit(3, { state: "cancelling", risk: null, verdict: null })]) });
    renderAt(`/projects/${project}/audits`);
    expect(await screen.findByRole("row", { name: /^Queued/ })).toHaveTextContent("Waiting, estimated 3 min 14 s in total");
    expect(screen.getByRole("row", { name: /^Stopping/ })).toHaveTextContent("It is being stopped.");
  });

  it("shows older audits when asked", async () => {
    stubService({
      ...around,
      [`GET /projects/${project}/audits`]: ({ query }) =>
        query.get("cursor") === "next"
          ? page([audit(40, { release: { ...audit(1).release, version: "old-one" } })])
          : page([audit(2)], "next"),
    });
    renderAt(`/projects/${project}/audits`);
    await userEvent.click(await screen.findByRole("button", { name: "Show older audits" }));
    expect(await screen.findByText("old-one")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Show older audits" })).not.toBeInTheDocument();
  });

  it("is searched and filtered by the server, with the choices in the address", async () => {
    const calls = stubService({ ...around, [`GET /projects/${project}/audits`]: ({ query }) => page(query.get("q") === "lobby" ? [] : audits) });
    const { router } = renderAt(`/projects/${project}/audits?verdict=FAIL&state=nonsense`);
    await screen.findByRole("row", { name: /^Fail/ });
    await userEvent.selectOptions(screen.getByLabelText("Order"), "Highest risk first");
    await userEvent.type(screen.getByRole("searchbox", { name: "Search audits" }), "lobby{Enter}");
    expect(await screen.findByText("None of the audits match this search.")).toBeVisible();
    expect(router.state.location.search).toEqual({ verdict: "FAIL", sort: "-risk", q: "lobby" });
    expect(calls.at(-1)?.query.toString()).toBe("limit=30&q=lobby&verdict=FAIL&sort=-risk");
    await userEvent.click(screen.getByRole("button", { name: "Clear" }));
    expect(await screen.findByRole("row", { name: /^Running/ })).toBeVisible();
    expect(screen.getByText(shownCommand("exhume audit list"))).toBeVisible();
  });

  it("keeps the focus in the search while it is typed, and follows the address otherwise", async () => {
    const calls = stubService({ ...around, [`GET /projects/${project}/audits`]: page(audits) });
    const { router } = renderAt(`/projects/${project}/audits`);
    const field = await screen.findByRole("searchbox", { name: "Search audits" });
    const searched = (text: string) => vi.waitFor(() => expect(calls.at(-1)?.query.get("q")).toBe(text));
    await userEvent.type(field, "lob");
    await searched("lob");
    expect(screen.getByRole("searchbox", { name: "Search audits" })).toHaveFocus();
    await userEvent.keyboard("by");
    await searched("lobby");
    expect(screen.getByRole("searchbox", { name: "Search audits" })).toHaveValue("lobby");
    await router.navigate({ to: "/projects/$projectId/audits", params: { projectId: project }, search: { q: "door" } });
    await vi.waitFor(() => expect(screen.getByRole("searchbox", { name: "Search audits" })).toHaveValue("door"));
    await userEvent.click(screen.getByRole("button", { name: "Clear" }));
    await vi.waitFor(() => expect(screen.getByRole("searchbox", { name: "Search audits" })).toHaveValue(""));
  });

  it("compares two finished audits of a target, and says why two cannot be compared", async () => {
    const [first, second, third] = [audit(2), audit(3, { verdict: "FAIL" }), audit(4, { release: { ...audit(2).release, target_id: `tgt_${"9".repeat(32)}`, target_name: "door" } })].map((one, at) => ({ ...one, state: "succeeded" as const, created_at: `2026-07-0${3 - at}T00:00:00Z` }));
    const path = (one: { id: string } | undefined, other: { id: string } | undefined) => `GET /audits/${one?.id}/comparison/${other?.id}`;
    stubService({ ...around, [`GET /projects/${project}/audits`]: page([first, second, third]), [path(second, first)]: { body: notComparable } });
    renderAt(`/projects/${project}/audits`);
    const boxes = await screen.findAllByRole("checkbox", { name: /^Compare / });
    const choose = (at: number) => userEvent.click(boxes[at] ?? document.body);
    await choose(0);
    expect(screen.getByText(/Choose another finished audit of this target/)).toBeVisible();
    await choose(2);
    expect(screen.getByText(/are audits of different targets/)).toBeVisible();
    expect(boxes[1]).toBeDisabled();
    await choose(2);
    await choose(1);
    expect(await screen.findByText(/R cannot be compared. They were judged by different verifiers/)).toBeVisible();
    expect(screen.getByRole("link", { name: "Show the two side by side" })).toHaveAttribute("href", `/audits/${second?.id}/compare/${first?.id}`);
    await userEvent.click(screen.getByRole("button", { name: "Choose none" }));
    expect(boxes[0]).not.toBeChecked();
  });

  it("explains an empty list, with the button and the command", async () => {
    stubService({ ...around, [`GET /projects/${project}/audits`]: page([]) });
    renderAt(`/projects/${project}/audits`);
    expect(await screen.findByRole("heading", { name: "No audits yet" })).toBeVisible();
    expect(screen.getByRole("link", { name: "New audit" })).toBeVisible();
    expect(screen.getByText(shownCommand(/exhume audit start/))).toBeVisible();
  });
});
