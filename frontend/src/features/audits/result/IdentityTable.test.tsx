import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { serveFinished } from "@/testing/finishedAudit";
import { audit } from "@/testing/fixtures";
import { renderAt } from "@/testing/render";

beforeEach(() => localStorage.clear());

describe("the identities of a finished audit", () => {
  it("filters identities by outcome and says how many there are", async () => {
    serveFinished();
    const { router } = renderAt(`/audits/${audit(2).id}`);
    const table = await screen.findByRole("table", { name: "People" });
    expect(within(table).getAllByRole("row")).toHaveLength(31);
    await userEvent.selectOptions(screen.getByLabelText("Outcome"), "control");
    expect(await screen.findByText("1 of 30 people")).toBeVisible();
    expect(within(table).getAllByRole("row")).toHaveLength(2);
    expect(router.state.location.search).toEqual({ show: "control" });
  });
});
