// A technical term with an explanation on hover and focus, and for screen readers.
import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";
import { TERMS, type TermName } from "@/ui/terms";

export function Term({ name, children }: { name: TermName; children?: ReactNode }) {
  return (
    <Tooltip.Root delayDuration={150}>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          className="decoration-line-strong hover:decoration-ink-3 inline cursor-help text-left underline decoration-dotted underline-offset-[3px]"
        >
          {children ?? name}
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          sideOffset={6}
          collisionPadding={12}
          className="bg-ink text-page shadow-float z-50 max-w-72 rounded-md px-2.5 py-1.5 text-xs"
        >
          {TERMS[name]}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
