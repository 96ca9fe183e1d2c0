// The contents list of a long page: links to its sections, in their order.
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useSmallScreen } from "@/ui/useSmallScreen";

interface Entry {
  id: string;
  title: string;
}

/** Open a folded section, because not every browser does so for a link into it. */
function unfold(id: string): void {
  document.getElementById(id)?.closest("details")?.setAttribute("open", "");
}

/** Show links to the sections among `children` that have an id, and follow their changes. */
export function Contents({ children }: { children: ReactNode }) {
  const small = useSmallScreen();
  const body = useRef<HTMLDivElement>(null);
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  useEffect(() => {
    const element = body.current;
    if (!element) return;
    const read = () => {
      const found = [...element.querySelectorAll<HTMLElement>("section[data-title]")].map((section) => ({
        id: section.dataset.anchor ?? "",
        title: section.dataset.title ?? "",
      }));
      setEntries((old) => (JSON.stringify(old) === JSON.stringify(found) ? old : found));
    };
    read();
    const observer = new MutationObserver(read);
    observer.observe(element, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, []);
  const links = (
    <ul className="flex flex-wrap gap-x-5 gap-y-1.5">
      {entries.map(({ id, title }) => (
        <li key={id}>
          <a href={`#${id}`} onClick={() => unfold(id)} className="text-ink-2 hover:text-ink rounded-sm underline-offset-2 hover:underline">
            {title}
          </a>
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {entries.length > 3 && (
        <nav aria-label="Contents of this page" className="border-line mb-6 border-b pb-3 text-sm">
          {small ? (
            <details>
              <summary className="text-ink-2 py-1">Contents</summary>
              <div className="pt-2">{links}</div>
            </details>
          ) : (
            links
          )}
        </nav>
      )}
      <div ref={body}>{children}</div>
    </>
  );
}
