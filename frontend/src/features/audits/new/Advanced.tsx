// All choices whose defaults fit most audits. They open by themselves where one of them differs or
// has a problem.
import { type ReactNode, useState } from "react";
import type { AuditForm, FormProblems } from "@/features/audits/new/form";
import { changedAdvanced, hasAdvancedProblem } from "@/features/audits/new/fields";
import { Icon } from "@/ui/Icon";

interface Props {
  form: AuditForm;
  problems: FormProblems;
  children: ReactNode;
}

export function Advanced({ form, problems, children }: Props) {
  const changed = changedAdvanced(form);
  const [open, setOpen] = useState(changed.length > 0);
  if (!open && hasAdvancedProblem(problems)) setOpen(true); // stays open when the problem is fixed
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
            <span className="block font-medium">Advanced</span>
            <span className="text-ink-2 block text-sm">
              {changed.length > 0 ? `Changed: ${changed.join(", ")}.` : "Attack, identities, risk budget, verifiers, twin. The defaults fit most audits."}
            </span>
          </span>
        </button>
      </h2>
      {open && <div className="border-line space-y-8 border-t px-4 py-5 sm:px-5">{children}</div>}
    </section>
  );
}
