import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { serveFinished } from "@/testing/finishedAudit";
import { audit } from "@/testing/fixtures";
import { renderAt } from "@/testing/render";
import { shownCommand } from "@/testing/shownCommand";

const { id } = audit(2);
const saved: string[] = [];

beforeEach(() => {
  saved.length = 0;
  URL.createObjectURL = vi.fn(() => "blob:report");
  URL.revokeObjectURL = vi.fn();
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
});

it("downloads the PDF with one click, and names only with a purpose", async () => {
  const calls = serveFinished(audit(2), { [`GET /audits/${id}/report`]: { body: "report" } });
  renderAt(`/audits/${id}`);
  await userEvent.click(await screen.findByRole("button", { name: "Report" }));
  await waitFor(() => expect(saved).toEqual([`${id}.pdf`]));
  await userEvent.click(screen.getByRole("button", { name: "Report options" }));
  await userEvent.click(screen.getByRole("radio", { name: /HTML/ }));
  await userEvent.click(screen.getByRole("checkbox", { name: "Show names" }));
  expect(screen.getByRole("button", { name: "Download and log" })).toBeDisabled();
  expect(screen.getByText(shownCommand(`exhume audit report ${id} --format html --names --purpose PURPOSE`))).toBeVisible();
  await userEvent.type(screen.getByRole("textbox", { name: "Purpose" }), "sign-off");
  await userEvent.click(screen.getByRole("button", { name: "Download and log" }));
  await waitFor(() => expect(saved).toEqual([`${id}.pdf`, `${id}.html`]));
  const asked = calls.filter(({ path }) => path.endsWith("/report")).map(({ query }) => Object.fromEntries(query));
  expect(asked).toEqual([
    { format: "pdf", paper: "a4", names: "false", pictures: "false", purpose: "" },
    { format: "html", paper: "a4", names: "true", pictures: "false", purpose: "sign-off" },
  ]);
});

it("says why there is no PDF, and offers the other formats", async () => {
  const problem = { title: "PDF not available", status: 503, code: "pdf_unavailable", detail: "PDF needs WeasyPrint.", type: "/problems/pdf_unavailable" };
  serveFinished(audit(2), { [`GET /audits/${id}/report`]: { status: 503, body: problem } });
  renderAt(`/audits/${id}`);
  await userEvent.click(await screen.findByRole("button", { name: "Report" }));
  expect(await screen.findByText("PDF needs WeasyPrint.")).toBeVisible();
  expect(screen.getByRole("radio", { name: /HTML/ })).toBeVisible();
  expect(saved).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  await userEvent.click(screen.getByRole("button", { name: "Report options" }));
  expect(screen.queryByText("PDF needs WeasyPrint.")).not.toBeInTheDocument();
});
