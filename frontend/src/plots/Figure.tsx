// The frame of every plot: a caption, the same figures as a table, and export as SVG and CSV.
import { type ReactNode, type RefObject, useState } from "react";
import { type Cell, toCsv } from "@/plots/csv";
import { saveText, standaloneSvg } from "@/plots/download";
import { Icon } from "@/ui/Icon";
import { classes } from "@/ui/classes";

interface Props {
  caption: ReactNode;
  name: string;
  svgRef: RefObject<SVGSVGElement | null>;
  table: { header: string[]; body: Cell[][] };
  tableView: ReactNode;
  children: ReactNode;
}

const TOOL = "text-ink-2 hover:bg-hover hover:text-ink inline-flex h-7 items-center gap-1.5 rounded-md px-2 text-xs";

export function Figure({ caption, name, svgRef, table, tableView, children }: Props) {
  const [asTable, setAsTable] = useState(false);
  const saveSvg = () => {
    if (svgRef.current) saveText(`${name}.svg`, "image/svg+xml", standaloneSvg(svgRef.current));
  };
  return (
    <figure>
      <div className="mb-2 flex flex-wrap items-start justify-between gap-x-8 gap-y-2">
        <figcaption className="text-ink-2 max-w-[72ch] text-sm">{caption}</figcaption>
        <div className="-mr-2 flex items-center">
          <button type="button" className={TOOL} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? "Show as plot" : "Show as table"}
          </button>
          {!asTable && (
            <button type="button" className={TOOL} onClick={saveSvg}>
              <Icon name="download" /> SVG
            </button>
          )}
          <button type="button" className={TOOL} onClick={() => saveText(`${name}.csv`, "text/csv", toCsv(table.header, table.body))}>
            <Icon name="download" /> CSV
          </button>
        </div>
      </div>
      <div className={classes(asTable && "hidden")}>{children}</div>
      {asTable && tableView}
    </figure>
  );
}
