import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import type { SortOrder } from "@/ui/sorting";

interface Row {
  name: string;
  size: number | null;
}

const ROWS: Row[] = [
  { name: "b", size: 2 },
  { name: "a", size: null },
  { name: "c", size: 3 },
];
const COLUMNS: Column<Row>[] = [
  { id: "name", header: "Name", rowHeader: true, cell: ({ name }) => name, sort: { words: "name", value: ({ name }) => name } },
  { id: "size", header: "Size", align: "end", cell: ({ size }) => size ?? "–", sort: { words: "size", value: ({ size }) => size, downFirst: true } },
];
const shared = { caption: "Files", rows: ROWS, rowKey: ({ name }: Row) => name };
const names = () => screen.getAllByRole("rowheader").map((cell) => cell.textContent);

describe("DataTable", () => {
  it("has a caption, column headers and row headers", () => {
    render(<DataTable {...shared} columns={COLUMNS} />);
    expect(screen.getByRole("table", { name: "Files" })).toBeVisible();
    expect(screen.getAllByRole("columnheader").map((cell) => [cell.textContent, cell.getAttribute("scope")])).toEqual([["Name", "col"], ["Size", "col"]]);
    expect(screen.getAllByRole("rowheader").map((cell) => cell.getAttribute("scope"))).toEqual(["row", "row", "row"]);
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
  });

  it("says what there is instead of rows", () => {
    render(<DataTable {...shared} columns={COLUMNS} rows={[]} empty="None yet." />);
    expect(screen.getByText("None yet.")).toBeVisible();
    expect(screen.queryByRole("table")).not.toBeInTheDocument();
  });

  it("shows details under their row only, over all columns", () => {
    render(<DataTable {...shared} columns={COLUMNS} details={({ size }) => size === null && "Not measured"} />);
    const rows = screen.getAllByRole("row");
    expect(rows).toHaveLength(5);
    expect(rows[3]).toHaveTextContent("Not measured");
    expect(screen.getByRole("cell", { name: "Not measured" })).toHaveAttribute("colspan", "2");
  });

  it("leaves out the cells that another one reaches over", () => {
    const wide: Column<Row>[] = [
      { id: "name", header: "Name", cell: ({ name }) => name, span: ({ size }) => (size === null ? { columns: 2 } : {}) },
      { id: "size", header: "Size", cell: ({ size }) => size },
      { id: "all", header: "All", cell: () => "all", span: ({ name }) => ({ rows: name === "b" ? 3 : 0 }) },
    ];
    render(<DataTable {...shared} columns={wide} />);
    expect(screen.getAllByRole("row").map((row) => row.textContent)).toEqual(["NameSizeAll", "b2all", "a", "c3"]);
  });

  it("sorts by a column, then the other way, then not", async () => {
    function Sorted() {
      const [order, onChange] = useState<SortOrder | null>(null);
      return <DataTable {...shared} columns={COLUMNS} sorting={{ order, onChange }} />;
    }
    render(<Sorted />);
    const button = screen.getByRole("button", { name: "Sort by size" });
    const header = screen.getByRole("columnheader", { name: /Size/ });
    await userEvent.click(button);
    expect(names()).toEqual(["c", "b", "a"]);
    expect(header).toHaveAttribute("aria-sort", "descending");
    await userEvent.click(button);
    expect(names()).toEqual(["b", "c", "a"]);
    expect(header).toHaveAttribute("aria-sort", "ascending");
    await userEvent.click(button);
    expect(names()).toEqual(["b", "a", "c"]);
    expect(header).not.toHaveAttribute("aria-sort");
  });

  it("shows the first rows in their order, and all of them when asked", async () => {
    const order = { id: "name", down: false };
    const { rerender } = render(<DataTable {...shared} columns={COLUMNS} first={2} sorting={{ order, onChange: vi.fn() }} />);
    expect(names()).toEqual(["a", "b"]);
    await userEvent.click(screen.getByRole("button", { name: "Show all 3 rows", expanded: false }));
    expect(names()).toEqual(["a", "b", "c"]);
    await userEvent.click(screen.getByRole("button", { name: "Show the first 2 rows only", expanded: true }));
    expect(names()).toEqual(["a", "b"]);
    rerender(<DataTable {...shared} columns={COLUMNS} first={3} />);
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
  });

  it("can be scrolled by keyboard where its rows come later and are too wide", () => {
    vi.spyOn(Element.prototype, "scrollWidth", "get").mockReturnValue(900);
    vi.stubGlobal(
      "ResizeObserver",
      class {
        constructor(private readonly changed: () => void) {}
        observe = () => this.changed();
        disconnect = () => undefined;
      },
    );
    const { rerender } = render(<DataTable {...shared} rows={[]} columns={COLUMNS} empty="No files." />);
    rerender(<DataTable {...shared} columns={COLUMNS} empty="No files." />);
    expect(screen.getByRole("region", { name: "Files, scrollable" })).toHaveAttribute("tabindex", "0");
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
});
