import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { keys, projects, session } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = projects[0]?.id ?? "";

it.each([
  [["audits:read"], 0],
  [["audits:read", "keys:write"], 1],
])("offers what the scopes %j allow", async (scopes, offered) => {
  stubService({ "GET /session": { body: { ...session, scopes } }, "GET /projects": page(projects), [`GET /projects/${project}/keys`]: page(keys.slice(0, 1)) });
  renderAt(`/projects/${project}/keys`);
  await screen.findByRole("table", { name: "API keys of this project" });
  expect(screen.queryAllByRole("button", { name: "New key" })).toHaveLength(offered);
  expect(screen.queryAllByRole("button", { name: /^Revoke/ })).toHaveLength(offered);
});
