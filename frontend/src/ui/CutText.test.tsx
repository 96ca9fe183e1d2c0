import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { CutText } from "@/ui/CutText";

const NAME = "a very long name of a data set that nobody can read in a narrow column";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Stub a width that fits `fits` characters. */
function widths(fits: number) {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(private readonly report: () => void) {}
      observe() {
        this.report();
      }
      disconnect() {
        /* nothing is kept */
      }
    },
  );
  vi.spyOn(Element.prototype, "scrollWidth", "get").mockImplementation(function (this: Element) {
    return this.textContent.length;
  });
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(fits);
}

it("shows all of a cut text by keyboard, pointer and touch", async () => {
  widths(20);
  render(<CutText>{NAME}</CutText>);
  const button = await screen.findByRole("button", { name: NAME, expanded: false });
  expect(button).toHaveAttribute("title", NAME);
  await userEvent.tab();
  expect(button).toHaveFocus();
  await userEvent.keyboard("{Enter}");
  expect(screen.getByRole("button", { name: NAME, expanded: true })).not.toHaveAttribute("title");
  expect(screen.getByText(NAME)).not.toHaveClass("truncate");
  await userEvent.click(button);
  expect(screen.getByText(NAME)).toHaveClass("truncate");
});

it("is plain text where it fits", () => {
  widths(200);
  render(<CutText>{NAME}</CutText>);
  expect(screen.getByText(NAME)).toBeVisible();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});

it("is the only place that cuts text", () => {
  const sources = import.meta.glob<string>(["../**/*.{tsx,css}", "!../**/*.test.tsx"], { query: "?raw", import: "default", eager: true });
  expect(Object.keys(sources).length).toBeGreaterThan(100);
  const cutting = Object.entries(sources).filter(([, source]) => /\btruncate\b|line-clamp|text-ellipsis|text-overflow/.test(source));
  expect(cutting.map(([file]) => file)).toEqual(["./CutText.tsx"]);
});
