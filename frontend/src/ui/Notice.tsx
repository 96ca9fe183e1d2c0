// Notices and problems. They are not red, because red is the colour of FAIL.
import type { ReactNode } from "react";
import { detailOf, faultLines } from "@/api/faults";
import { type Problem, problemOf } from "@/api/problem";
import { Icon } from "@/ui/Icon";

export function Notice({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="border-ink bg-sunken flex gap-3 rounded-r-md border-l-2 px-4 py-3">
      <Icon name="notice" className="mt-0.5 shrink-0" />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{title}</p>
        {children && <div className="text-ink-2 mt-0.5 text-sm break-words">{children}</div>}
        {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}

/** Shows a problem with its first twenty errors. */
export function ProblemDetails({ problem }: { problem: Problem }) {
  const errors = faultLines(problem);
  return (
    <>
      <p>{detailOf(problem)}</p>
      {errors.length > 0 && (
        <ul className="mt-1.5 list-disc space-y-0.5 pl-4">
          {errors.slice(0, 20).map((error) => (
            <li key={error} className="break-words">
              {error}
            </li>
          ))}
          {errors.length > 20 && <li>and {errors.length - 20} more</li>}
        </ul>
      )}
      {problem.code && (
        <p className="text-ink-3 mt-1 text-xs">
          <span className="font-mono">{problem.code}</span>
          {problem.type?.startsWith("/problems/") && (
            <a className="ml-2 underline" href={problem.type} target="_blank" rel="noreferrer">
              What does this mean?
            </a>
          )}
        </p>
      )}
    </>
  );
}

export function ProblemNotice({ error, title, actions }: { error: unknown; title?: string; actions?: ReactNode }) {
  const problem = problemOf(error);
  return (
    <div role="alert">
      <Notice title={title ?? problem.title} actions={actions}>
        <ProblemDetails problem={problem} />
      </Notice>
    </div>
  );
}
