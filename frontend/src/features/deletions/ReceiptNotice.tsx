// The receipt of a deletion that was just carried out.
import type { Receipt } from "@/api/model";
import { attestationAddress } from "@/features/deletions/queries";
import { destroyedLines } from "@/features/deletions/words";
import { plural } from "@/format/numbers";
import { buttonClass } from "@/ui/Button";
import { CopyButton } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";

export function ReceiptNotice({ receipt: { id, document } }: { receipt: Receipt }) {
  return (
    <div role="status">
      <Notice
        title="Receipt"
        actions={
          <a href={attestationAddress(id)} download={`${id}.dsse.json`} className={buttonClass("secondary")}>
            <Icon name="download" /> Signed receipt
          </a>
        }
      >
        <p className="flex items-center gap-1">
          <code className="font-mono text-xs break-all">{id}</code>
          <CopyButton text={id} label="Copy the id of the receipt" />
        </p>
        <ul className="list-disc space-y-0.5 pl-4">
          {document.keys_destroyed > 0 && <li>{plural(document.keys_destroyed, "encryption key")}</li>}
          {destroyedLines(document.destroyed).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}
