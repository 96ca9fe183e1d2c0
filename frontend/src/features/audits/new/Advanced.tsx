// All choices whose defaults fit most audits. They open by themselves where one of them differs or
// has a problem.
import type { ReactNode } from "react";
import type { AuditForm, FormProblems } from "@/features/audits/new/form";
import { changedAdvanced, hasAdvancedProblem } from "@/features/audits/new/fields";
import { Disclosure } from "@/ui/Disclosure";

interface Props {
  form: AuditForm;
  problems: FormProblems;
  children: ReactNode;
}

export function Advanced({ form, problems, children }: Props) {
  const changed = changedAdvanced(form);
  return (
    <Disclosure
      title="Advanced"
      note={changed.length > 0 ? `Changed: ${changed.join(", ")}.` : "Attack, identities, risk budget, verifiers, twin. The defaults fit most audits."}
      initiallyOpen={changed.length > 0}
      problem={hasAdvancedProblem(problems)}
    >
      <div className="space-y-8">{children}</div>
    </Disclosure>
  );
}
