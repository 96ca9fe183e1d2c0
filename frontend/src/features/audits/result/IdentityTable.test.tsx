import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { audit, identities, projects, result, session } from "@/testing/fixtures";
import { renderAt, stubService } from "@/testing/render";

const page = (items: unknown[]) => ({ body: { items, next_cursor: null } });

function serve(subject = audit(2), extra: Parameters<typeof stubService>[0] = {}) {
  return stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /audits/${subject.id}`]: { body: subject },
    [`GET /audits/${subject.id}/result`]: { body: result },
    [`GET /audits/${subject.id}/identities`]: page(identities),
    ...extra,
  });
}

beforeEach(() => localStorage.clear());

describe("the identities of a finished audit", () => {
  it("filters identities by outcome and says how many there are", async () => {
    serve();
    const { router } = renderAt(`/audits/${audit(2).id}`);
    const table = await screen.findByRole("region", { name: /People/ });
    expect(within(table).getAllByRole("row")).toHaveLength(31);
    await userEvent.selectOptions(screen.getByLabelText("Outcome"), "control");
    expect(await screen.findByText("1 of 30 people")).toBeVisible();
    expect(within(table).getAllByRole("row")).toHaveLength(2);
    expect(router.state.location.search).toEqual({ show: "control" });
  });
});
