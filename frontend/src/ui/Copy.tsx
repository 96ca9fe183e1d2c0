// Commands and digests with a copy button.
import { useEffect, useState } from "react";
import { shortDigest } from "@/format/numbers";
import { commandParts } from "@/format/shell";
import { Icon } from "@/ui/Icon";
import { classes } from "@/ui/classes";

function useCopy(text: string): { copied: boolean; copy: () => void } {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return { copied, copy };
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const { copied, copy } = useCopy(text);
  return (
    <button
      type="button"
      onClick={copy}
      aria-label={label}
      title={label}
      className="text-ink-3 hover:text-ink hover:bg-hover relative inline-flex size-7 shrink-0 items-center justify-center rounded-md"
    >
      <Icon name={copied ? "check" : "copy"} />
      <span role="status" className="sr-only">
        {copied ? "Copied" : ""}
      </span>
    </button>
  );
}

/** Shows the `exhume` command with the same effect as the page. Lines break between arguments only. */
export function CommandLine({ command, label = "On the command line" }: { command: string; label?: string }) {
  return (
    <div className="min-w-0">
      <p className="text-ink-3 mb-1 text-xs">{label}</p>
      <div className="bg-sunken flex items-start gap-2 rounded-md py-1 pr-1 pl-3">
        <code className="text-ink-2 min-w-0 flex-1 py-1 font-mono text-xs whitespace-pre-wrap">
          {commandParts(command).map((part, index) =>
            part.trim() === "" ? (
              part
            ) : (
              <span key={index} className="inline-block max-w-full align-top break-words">
                {part}
              </span>
            ),
          )}
        </code>
        <CopyButton text={command} label="Copy the command" />
      </div>
    </div>
  );
}

export function Digest({ digest, className }: { digest: string; className?: string }) {
  return (
    <span className={classes("inline-flex items-center gap-0.5", className)}>
      <code className="font-mono text-xs" title={digest}>
        {shortDigest(digest)}
      </code>
      <CopyButton text={digest} label="Copy the whole digest" />
    </span>
  );
}
