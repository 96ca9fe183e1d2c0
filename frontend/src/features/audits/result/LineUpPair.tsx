// One identity of the line-up: reconstruction, nearest private image, and whether it was
// recognised.
import type { IdentityOutcome } from "@/api/model";
import type { Problem } from "@/api/problem";
import { IdentityLink } from "@/features/audits/identity/IdentityLink";
import { Picture } from "@/features/audits/result/Picture";
import { outcome } from "@/features/audits/result/exposure";
import { isErased } from "@/features/identities/words";
import { decimal } from "@/format/numbers";
import { Icon } from "@/ui/Icon";

interface Props {
  auditId: string;
  identity: IdentityOutcome;
  /** Whether the nearest private images are shown, too. */
  paired: boolean;
  purpose: string | null;
  onRefused: (problem: Problem) => void;
}

export function LineUpPair({ auditId, identity, paired, purpose, onRefused }: Props) {
  const { yes, words } = outcome(identity);
  const { name, reconstruction_id, nearest_reference, similarity, threshold, verifier } = identity;
  const erased = isErased(name);
  return (
    <li className="min-w-0" data-pair={identity.identity}>
      <div className="flex gap-1">
        <Picture
          address={erased ? null : reconstruction_id && `/api/v1/reconstructions/${reconstruction_id}/image`}
          label={`Reconstruction of ${name}`}
          missing={erased ? "Deleted" : "No reconstruction"}
          purpose={purpose}
          onRefused={onRefused}
        />
        {paired && (
          <div className="border-private min-w-0 flex-1 border-b-2">
            <Picture
              address={nearest_reference === null ? null : `/api/v1/audits/${auditId}/references/${nearest_reference}/image`}
              label={`Nearest private image of ${name}`}
              missing={erased ? "Deleted" : "No private image"}
              purpose={purpose}
              onRefused={onRefused}
            />
          </div>
        )}
      </div>
      <p className="mt-1.5 text-sm font-medium break-words">
        <IdentityLink audit={auditId} identity={identity.identity}>
          {name}
        </IdentityLink>
      </p>
      <div className="text-ink-2 flex flex-wrap items-baseline justify-between gap-x-2 text-xs whitespace-nowrap">
        <p className="flex items-center gap-1 whitespace-normal">
          {yes !== null && <Icon name={yes ? "check" : "cross"} className="size-3.5 shrink-0" />}
          {words}
        </p>
        {similarity !== null && threshold !== null && (
          <p
            className="figures text-ink-3 shrink-0"
            title={`Similarity and threshold${verifier ? ` of ${verifier}, the deciding verifier` : ""}`}
          >
            <span className="text-ink-2" data-part="similarity">{decimal(similarity)}</span> vs{" "}
            <span data-part="threshold">{decimal(threshold)}</span>
          </p>
        )}
      </div>
    </li>
  );
}
