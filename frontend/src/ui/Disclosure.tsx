// A part of a form that can be opened. It opens by itself where something in it needs attention.
import { type ReactNode, useState } from "react";
import { Icon } from "@/ui/Icon";

interface Props {
  title: string;
  note: ReactNode;
  /** Whether it is open at first. */
  initiallyOpen?: boolean;
  /** Something in it has a problem. It opens, and stays open when the problem is fixed. */
  problem: boolean;
  children: ReactNode;
}

export function Disclosure({ title, note, initiallyOpen = false, problem, children }: Props) {
  const [open, setOpen] = useState(initiallyOpen);
  if (!open && problem) setOpen(true);
  return (
    <section className="border-line rounded-md border">
      <h2>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="hover:bg-hover flex w-full items-start gap-2 rounded-md px-3 py-2.5 text-left"
        >
          <Icon name={open ? "chevron" : "right"} className="text-ink-3 mt-1 size-3.5 shrink-0" />
          <span className="min-w-0">
            <span className="block font-medium">{title}</span>
            <span className="text-ink-2 block text-sm font-normal">{note}</span>
          </span>
        </button>
      </h2>
      {open && <div className="border-line border-t px-4 py-5 sm:px-5">{children}</div>}
    </section>
  );
}
