import { fireEvent, render, screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { Contents } from "@/ui/Contents";
import { Section } from "@/ui/Page";

const TITLES = ["How much is exposed", "Does the description match the release?", "Limits", "Record"];

function page(titles: readonly string[]) {
  return (
    <Contents>
      {titles.map((title) => (
        <Section key={title} title={title} folds={title === "Record"}>
          about {title}
        </Section>
      ))}
    </Contents>
  );
}

function onAPhone() {
  vi.stubGlobal("matchMedia", (media: string) => ({
    matches: media.includes("max-width"),
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
  }));
}

test("every section is linked to, in its order, and later ones too", async () => {
  const { rerender } = render(page(TITLES.slice(1)));
  expect(screen.queryByRole("navigation")).toBeNull();
  rerender(page(TITLES));
  const links = within(await screen.findByRole("navigation", { name: "Contents of this page" })).getAllByRole("link");
  expect(links.map((link) => link.textContent)).toEqual(TITLES);
  for (const link of links) {
    const section = document.querySelector(link.getAttribute("href") ?? "");
    expect(section).toHaveTextContent(`about ${link.textContent}`);
  }
});

test("on a phone, sections that fold are closed, and the others are open", async () => {
  onAPhone();
  render(page(TITLES));
  await screen.findByRole("navigation", { hidden: true });
  expect(screen.getByText("about Limits")).toBeVisible();
  expect(screen.getByText("about Record")).not.toBeVisible();
});

test("on a phone, a link to a folded section opens it", async () => {
  onAPhone();
  render(page(TITLES));
  const links = within(await screen.findByRole("navigation", { hidden: true })).getAllByRole("link", { hidden: true });
  fireEvent.click(links.find((link) => link.textContent === "Record") ?? document.body);
  expect(screen.getByText("about Record")).toBeVisible();
});

test("on a wide screen nothing is closed", () => {
  render(page(TITLES));
  expect(screen.getByText("about Record")).toBeVisible();
});
