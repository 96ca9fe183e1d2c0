// How an audit whose images have no verifiers gets them, with the commands.
import type { Estimate } from "@/api/model";
import { CommandLine } from "@/ui/Copy";
import { Notice } from "@/ui/Notice";

export function MissingVerifiers({ missing }: { missing: Estimate["missing_verifiers"] }) {
  if (!missing) return null;
  return (
    <Notice title={missing.sentence}>
      {missing.commands.length > 0 && (
        <div className="mt-2 space-y-3">
          {missing.commands.map(({ purpose, command }) => (
            <CommandLine key={command} label={purpose} command={command} />
          ))}
        </div>
      )}
    </Notice>
  );
}
