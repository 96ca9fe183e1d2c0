// The submission beside the private and public images that the verifiers find most similar to it.
import type { ReactNode } from "react";
import type { Audit, IdentityInFull, Noun } from "@/api/model";
import { RevealedPicture } from "@/features/audits/identity/Reveals";
import { isErased } from "@/features/identities/words";
import { exact } from "@/format/dates";
import { decimal } from "@/format/numbers";
import { Section } from "@/ui/Page";
import { RoleMark } from "@/ui/Role";
import { When } from "@/ui/When";

interface Props {
  audit: Audit;
  identity: IdentityInFull;
  noun: Noun;
}

export function IdentityPictures({ audit, identity, noun }: Props) {
  const deciding = identity.judgements.find(({ judge }) => judge === identity.verifier);
  const erased = isErased(identity.name);
  const gone = erased ? "Deleted" : undefined;
  const older = deciding === undefined || deciding.references.length === 0;
  const references = older
    ? identity.nearest_reference === null
      ? []
      : [{ index: identity.nearest_reference, similarity: null }]
    : deciding.references;
  return (
    <Section
      title="Pictures"
      aside={
        audit.images_deleted || erased ? undefined : (
          <>
            Deleted <span title={exact(audit.delete_images_at)}><When at={audit.delete_images_at} /></span>
          </>
        )
      }
    >
      <div className="flex flex-wrap gap-x-8 gap-y-6">
        <Group title="Reconstruction">
          <One words="submitted">
            <RevealedPicture
              address={erased ? null : identity.reconstruction_id && `/api/v1/reconstructions/${identity.reconstruction_id}/image`}
              label={`Reconstruction of ${identity.name}`}
              missing={gone ?? "No reconstruction"}
            />
          </One>
        </Group>
        <Group title={<RoleMark of="private" name={`Nearest private images of the ${noun.one}`} />}>
          {references.length === 0 && <p className="text-ink-3 text-sm">{erased ? "Deleted." : "Not measured."}</p>}
          {references.map(({ index, similarity }, at) => (
            <One key={index} words={similarity === null ? `image ${String(index)}` : `image ${String(index)}, ${decimal(similarity)}`}>
              <RevealedPicture
                address={`/api/v1/audits/${audit.id}/references/${String(index)}/image`}
                label={`Private image ${String(at + 1)} of ${identity.name}`}
                missing="No private image"
              />
            </One>
          ))}
        </Group>
        {deciding?.public && (
          <Group title={<RoleMark of="public" name="Nearest public image" />}>
            <One words={`image ${String(deciding.public.index)}, ${decimal(deciding.public.similarity)}`}>
              <RevealedPicture
                address={`/api/v1/audits/${audit.id}/public-images/${String(deciding.public.index)}/image`}
                label="Nearest public image"
                missing="No public image"
              />
            </One>
          </Group>
        )}
        {identity.control_reconstruction_id && (
          <Group title="Control">
            <One words="sample of the prior">
              <RevealedPicture
                address={erased ? null : `/api/v1/reconstructions/${identity.control_reconstruction_id}/image`}
                label="Sample of the prior"
                missing={gone ?? "No control"}
              />
            </One>
          </Group>
        )}
      </div>
      {deciding && !older && (
        <p className="text-ink-3 mt-3 max-w-[72ch] text-xs">
          Similarity to the submitted reconstruction, under {deciding.judge}, the deciding verifier. Its threshold is {decimal(deciding.threshold)}.
          The threshold applies to the mean of all private images of a {noun.one}, and not to single images.
        </p>
      )}
    </Section>
  );
}

function Group({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <h3 className="mb-2 text-sm font-medium">{title}</h3>
      <div className="flex flex-wrap gap-3">{children}</div>
    </div>
  );
}

function One({ words, children }: { words: string; children: ReactNode }) {
  return (
    <figure className="flex flex-col">
      {children}
      <figcaption className="text-ink-3 figures order-first mb-1 text-xs">{words}</figcaption>
    </figure>
  );
}
