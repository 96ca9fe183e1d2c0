// Facts about one thing: a name and a value on each line.
import type { ReactNode } from "react";

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-1 gap-x-10 text-sm md:grid-cols-2">{children}</dl>;
}

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="border-line flex min-h-10 flex-wrap items-center justify-between gap-x-6 gap-y-0.5 border-b py-1.5">
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 text-right break-words">{children}</dd>
    </div>
  );
}
