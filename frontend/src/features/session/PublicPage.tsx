// The frame of a page that needs no session.
import type { ReactNode } from "react";
import { Brand } from "@/app/Brand";

export function PublicPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center px-6 py-16">
      <title>{`${title} · Exhume`}</title>
      <Brand />
      <h1 className="mt-6 text-xl font-semibold">{title}</h1>
      {children}
    </main>
  );
}
