// How an audit whose images have no verifiers gets them, with the commands.
import { useQuery } from "@tanstack/react-query";
import { type AuditForm, estimateRequestOf } from "@/features/audits/new/form";
import { estimateQuery } from "@/features/audits/new/queries";
import { useSettled } from "@/features/audits/new/useSettled";
import { CommandLine } from "@/ui/Copy";
import { Notice } from "@/ui/Notice";

export function MissingVerifiers({ projectId, form }: { projectId: string; form: AuditForm }) {
  const request = useSettled(estimateRequestOf(form), 350);
  const { data } = useQuery(estimateQuery(projectId, request));
  const missing = data?.missing_verifiers;
  if (!missing) return null;
  return (
    <div className="mt-3">
      <Notice title={missing.sentence}>
        {missing.commands.length > 0 && (
          <div className="mt-2 space-y-3">
            {missing.commands.map(({ purpose, command }) => (
              <CommandLine key={command} label={purpose} command={command} />
            ))}
          </div>
        )}
      </Notice>
    </div>
  );
}
