import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { serveFinished } from "@/testing/finishedAudit";
import { audit, drift, replayed } from "@/testing/fixtures";
import { renderAt } from "@/testing/render";

beforeEach(() => localStorage.clear());

describe("a finished audit", () => {
  it("says what a replay changed", async () => {
    const again = replayed;
    serveFinished(again, { [`GET /audits/${again.id}/drift`]: { body: drift } });
    renderAt(`/audits/${again.id}`);
    expect(await screen.findByText("Same verdict.")).toBeVisible();
    expect(screen.getByText(/R of each lies within the 95 % interval of the other/)).toBeVisible();
    expect(screen.getByText(/291 of 300 equal/)).toBeVisible();
    expect(screen.getByText("hardware.gpu: NVIDIA L4 -> NVIDIA T4")).toBeVisible();
    expect(screen.getByRole("link", { name: "The original" })).toHaveAttribute("href", `/audits/${audit(2).id}`);
  });

  it("starts a replay once", async () => {
    const again = replayed;
    const calls = serveFinished(audit(2), { [`POST /audits/${audit(2).id}/replay`]: { status: 201, body: again } });
    const { router } = renderAt(`/audits/${audit(2).id}`);
    await userEvent.click(await screen.findByRole("button", { name: "Start a replay" }));
    await waitFor(() => expect(router.state.location.pathname).toBe(`/audits/${again.id}`));
    expect(calls.filter(({ path }) => path.endsWith("/replay"))).toHaveLength(1);
  });
});
