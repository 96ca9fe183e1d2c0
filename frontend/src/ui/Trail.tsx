// The way back from a page: links to the pages above it, and what it is itself.
import { Link, type LinkOptions } from "@tanstack/react-router";
import { Icon } from "@/ui/Icon";

/** A page above this one. */
export interface Above {
  words: string;
  link: LinkOptions;
}

const LINK = "rounded-sm underline-offset-2 hover:underline";

/** Without `here`, the last page above stands for this one, as the release of an audit does. */
export function Trail({ above, here, className = "mb-2" }: { above: readonly Above[]; here?: string; className?: string }) {
  return (
    <nav aria-label="Breadcrumb" className={className}>
      <ol className="text-ink-2 flex flex-wrap items-center gap-x-2 text-sm">
        {above.map(({ words, link }, at) => {
          const last = here === undefined && at === above.length - 1;
          return (
            <li key={link.to} className="flex min-w-0 items-center gap-x-2">
              <Link {...link} className={last ? `${LINK} text-ink font-medium break-words` : `${LINK} hover:text-ink break-words`}>
                {words}
              </Link>
              {!last && <Icon name="right" className="text-ink-3 size-3.5 shrink-0" />}
            </li>
          );
        })}
        {here !== undefined && <li>{here}</li>}
      </ol>
    </nav>
  );
}
