import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Release } from "@/api/model";
import { NOW, projects, release, session, system } from "@/testing/fixtures";
import { renderAt, stubService } from "@/testing/render";

const page = (items: unknown[]) => ({ body: { items, next_cursor: null } });
const project = projects[0]?.id ?? "";
const inDays = (days: number) => new Date(NOW + days * 86_400_000).toISOString();

it.each<[string, Partial<Release>, RegExp]>([
  ["kept", { original: "kept", original_until: inDays(6.2) }, /kept in quarantine, where nothing opens it; deleted in 6 days\. What is audited is its checked copy/],
  ["deleted at once", { original: "deleted" }, /Original file: deleted after its conversion\..*its SHA-256 stays/],
  ["deleted after its days", { original: "deleted", original_until: inDays(-2.2) }, /Original file: deleted 2 days ago\./],
  ["what is audited", { original: "identical" }, /the file that was sent, byte for byte/],
  ["not sent", { original: "not_sent" }, /No file was sent: the project held a checked copy/],
])("a release says that its original is %s", async (_, values, said) => {
  const one = release(1, values);
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /projects/${project}/releases`]: page([one]),
    [`GET /projects/${project}/targets`]: page([]),
    [`GET /projects/${project}/uploads`]: page([]),
    "GET /system": { body: system },
  });
  renderAt(`/projects/${project}/models?open=${one.id}`);
  await screen.findByText(/People: /);
  expect(screen.getByText((_text, element) => element?.tagName === "P" && said.test(element.textContent))).toBeVisible();
});
