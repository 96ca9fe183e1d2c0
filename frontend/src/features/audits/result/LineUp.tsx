// The line-up: each reconstruction beside the nearest private image, covered until a purpose is
// stated.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { Audit, IdentityOutcome, Noun } from "@/api/model";
import { byExposure, isRanked, LINE_UP_STEP, shownIdentities } from "@/features/audits/result/exposure";
import { counted } from "@/features/audits/noun";
import { LineUpPair } from "@/features/audits/result/LineUpPair";
import { RevealDialog } from "@/features/audits/result/RevealDialog";
import { isErased } from "@/features/identities/words";
import { sessionQuery } from "@/features/session/queries";
import type { Problem } from "@/api/problem";
import { exact } from "@/format/dates";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Notice, ProblemDetails } from "@/ui/Notice";
import { Section } from "@/ui/Page";
import { RoleMark } from "@/ui/Role";
import { When } from "@/ui/When";

interface Props {
  audit: Audit;
  identities: readonly IdentityOutcome[];
  noun: Noun;
}

export function LineUp({ audit, identities, noun }: Props) {
  const search = useSearch({ from: "/signed-in/audits/$auditId" });
  const navigate = useNavigate({ from: "/audits/$auditId" });
  const { data: session } = useQuery(sessionQuery);
  const [asking, setAsking] = useState(false);
  const [revealed, setRevealed] = useState<{ purpose: string; only: number | null } | null>(null);
  const [grey, setGrey] = useState(false);
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const ordered = byExposure(identities);
  const shown = ordered.slice(0, shownIdentities(search.grid, ordered.length));
  const paired = identities.some(({ nearest_reference, verified }) => nearest_reference !== null || verified !== null); // erased ones keep only the outcome
  const byEvaluator = identities.some(({ evaluator_top1 }) => evaluator_top1 !== null);
  if (ordered.length === 0) return null;
  if (audit.images_deleted) {
    return (
      <Section title="The line-up">
        <Notice title="The images were deleted">
          They were deleted on {exact(audit.delete_images_at)}, under the retention period of this service. Their scores and digests
          are kept.
        </Notice>
      </Section>
    );
  }
  const refuse = (problem: Problem) => {
    setRevealed(null);
    setRefusal(problem);
  };
  const purposeFor = (identity: number) => (revealed && (revealed.only ?? identity) === identity ? revealed.purpose : null);
  const people = shown
    .filter(({ name }) => !isErased(name))
    .map(({ identity, name, reconstruction_id, nearest_reference }) => ({
      identity,
      name,
      images: (reconstruction_id ? 1 : 0) + (nearest_reference === null ? 0 : 1),
    }));
  const more = () => void navigate({ search: (old) => ({ ...old, grid: shown.length + LINE_UP_STEP }), resetScroll: false });
  return (
    <Section
      title="The line-up"
      aside={
        <>
          Images are deleted <span title={exact(audit.delete_images_at)}><When at={audit.delete_images_at} /></span>. Scores are kept.
        </>
      }
    >
      <div className="mb-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <p className="text-ink-2 max-w-[72ch] text-sm">
          {paired ? (
            <>
              Left: the reconstruction. Right: <RoleMark of="private" name="the nearest private image" /> of the same {noun.one}.
            </>
          ) : (
            `The reconstructions. ${byEvaluator ? "Verifiers choose the private images to show beside them, and none judged." : "No private images were compared with them."}`
          )}
          {isRanked(identities) && " Strongest likeness first."}
        </p>
        <div className="flex flex-wrap gap-2">
          <Button look="quiet" aria-pressed={grey} onClick={() => setGrey(!grey)}>
            {grey ? "In colour" : "Greyscale"}
          </Button>
          {revealed === null ? (
            <Button onClick={() => setAsking(true)}>
              <Icon name="eye" /> Reveal images …
            </Button>
          ) : (
            <Button onClick={() => setRevealed(null)}>
              <Icon name="hidden" /> Cover again
            </Button>
          )}
        </div>
      </div>
      {refusal && (
        <div role="alert" className="mb-4">
          <Notice title={refusal.status === 403 ? "Your key cannot reveal images" : refusal.title}>
            <ProblemDetails problem={refusal} />
            {refusal.status === 403 && (
              <p className="mt-1">
                It needs the scope <code className="font-mono text-xs">reconstructions:reveal</code>. No image was shown.
              </p>
            )}
          </Notice>
        </div>
      )}
      <p className="sr-only" role="status">
        {revealed === null ? "" : `Images revealed for this purpose: ${revealed.purpose}. Each one is written to the audit log.`}
      </p>
      <ul className={`grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] gap-x-4 gap-y-6 sm:grid-cols-[repeat(auto-fill,minmax(10.5rem,1fr))] sm:gap-x-6 ${grey ? "grayscale" : ""}`}>
        {shown.map((identity) => (
          <LineUpPair key={identity.identity} auditId={audit.id} identity={identity} paired={paired} purpose={purposeFor(identity.identity)} onRefused={refuse} />
        ))}
      </ul>
      {shown.length < ordered.length && (
        <div className="mt-5">
          <Button onClick={more}>Show more ({counted(ordered.length - shown.length, noun)} left)</Button>
        </div>
      )}
      <RevealDialog
        open={asking}
        onOpenChange={setAsking}
        people={people}
        images={people.reduce((sum, one) => sum + one.images, 0)}
        deletedAt={audit.delete_images_at}
        who={session?.subject}
        onReveal={(purpose, only) => {
          setRefusal(null);
          setRevealed({ purpose, only });
          setAsking(false);
        }}
      />
    </Section>
  );
}
