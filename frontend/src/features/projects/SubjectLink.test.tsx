import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { logEntry, projects, session } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = projects[0]?.id ?? "";
const id = (prefix: string) => `${prefix}_${"0".repeat(31)}7`;

it("leads to the page of what an entry names, or to its row, wherever it is in its list", async () => {
  const entries = ["sch", "whk", "rel", "dst", "ver", "key"].map((prefix, at) => logEntry(at + 1, { subject: id(prefix) }));
  entries.push(logEntry(7, { subject: `${id("aud")}/prior-samples` }));
  stubService({ "GET /session": { body: session }, "GET /projects": page(projects), [`GET /projects/${project}/audit-log`]: page(entries) });
  renderAt(`/projects/${project}/audit-log`);
  await screen.findByRole("link", { name: /^sch_/ });
  const href = (prefix: string) => screen.getByRole("link", { name: new RegExp(`^${prefix}_`) }).getAttribute("href");
  for (const [prefix, list] of [["sch", "schedules"], ["whk", "webhooks"]] as const) {
    expect(href(prefix)).toBe(`/projects/${project}/${list}?open=${id(prefix)}&q=${id(prefix)}`);
  }
  for (const [prefix, list] of [["ver", "verifiers"], ["key", "keys"]] as const) {
    expect(href(prefix)).toBe(`/projects/${project}/${list}?q=${id(prefix)}`);
  }
  for (const [prefix, list] of [["rel", "releases"], ["dst", "datasets"]] as const) {
    expect(href(prefix)).toBe(`/projects/${project}/${list}/${id(prefix)}`);
  }
  expect(href("aud")).toBe(`/audits/${id("aud")}`);
});
