import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { projects, session } from "@/testing/fixtures";
import { renderAt, stubService } from "@/testing/render";

it("says when there is no such audit", async () => {
  stubService({ "GET /session": { body: session }, "GET /projects": { body: { items: projects, next_cursor: null } } });
  renderAt("/audits/aud_none");
  expect(await screen.findByText("This audit does not exist, or you do not have access to it")).toBeVisible();
});
