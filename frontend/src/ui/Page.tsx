// The parts of a page: heading, sections, and states of loading and emptiness.
import type { ReactNode } from "react";
import { useSmallScreen } from "@/ui/useSmallScreen";

interface PageProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, lead, actions, children }: PageProps) {
  return (
    <>
      <title>{`${title} · Exhume`}</title>
      <div className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold">{title}</h1>
          {lead && <p className="text-ink-2 mt-0.5 max-w-[68ch]">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </>
  );
}

interface SectionProps {
  title: ReactNode;
  aside?: ReactNode;
  /** Closed at first on a phone, where a long page hides what matters. */
  folds?: boolean;
  children: ReactNode;
}

/** A part of a page. A `Contents` list around it links to it by its title. */
export function Section({ title, aside, folds = false, children }: SectionProps) {
  const folded = useSmallScreen() && folds;
  const anchor = typeof title === "string" ? title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") : undefined;
  const named = anchor === undefined ? {} : { "data-title": title, "data-anchor": anchor };
  const heading = <h2 className={`text-lg font-semibold ${folded ? "inline" : ""}`}>{title}</h2>;
  if (folded) {
    return (
      <section className="border-line mt-6 border-t pt-4" {...named}>
        <details>
          <summary>{heading}</summary>
          <div id={anchor} className="scroll-mt-16 pt-3">
            {aside && <div className="text-ink-3 mb-3 text-sm">{aside}</div>}
            {children}
          </div>
        </details>
      </section>
    );
  }
  return (
    <section id={anchor} className="mt-10 scroll-mt-6" {...named}>
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        {heading}
        {aside && <div className="text-ink-3 text-sm">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

/** Explains an empty page, with the action that fills it. */
export function Empty({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="border-line mx-auto mt-6 max-w-xl rounded-xl border border-dashed px-8 py-10">
      <h2 className="text-lg font-semibold">{title}</h2>
      <div className="text-ink-2 mt-1 space-y-4">{children}</div>
      {action && <div className="mt-5 flex flex-wrap gap-2">{action}</div>}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p role="status" className="text-ink-3 py-6">
      Loading {what} …
    </p>
  );
}
