// A secret that is shown once, with a copy button.
import { CopyButton } from "@/ui/Copy";
import { Notice } from "@/ui/Notice";

interface Props {
  title: string;
  text: string;
  /** The noun in the label of the button: "Copy the key". */
  what: string;
}

export function Secret({ title, text, what }: Props) {
  return (
    <div role="status" className="mb-6 max-w-2xl">
      <Notice title={title}>
        <span className="bg-surface border-line mt-1 flex items-center rounded-md border pl-3">
          <code className="text-ink min-w-0 flex-1 font-mono text-xs break-all">{text}</code>
          <CopyButton text={text} label={`Copy the ${what}`} />
        </span>
      </Notice>
    </div>
  );
}
