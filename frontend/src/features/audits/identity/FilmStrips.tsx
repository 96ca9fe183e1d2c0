// The search for an identity as a film strip: its images at a few steps, from the left.
import type { Audit, IdentityInFull } from "@/api/model";
import { RevealedPicture } from "@/features/audits/identity/Reveals";
import { count } from "@/format/numbers";
import { Section } from "@/ui/Page";

type Candidate = IdentityInFull["candidates"][number];

/** Shows nothing for audits of older versions, which kept no films. */
export function FilmStrips({ audit, identity }: { audit: Audit; identity: IdentityInFull }) {
  const filmed = identity.candidates.filter(({ film_steps: steps }) => steps !== null);
  if (filmed.length === 0) return null;
  return (
    <Section title="Film of the search">
      <p className="text-ink-2 mb-3 max-w-[68ch] text-sm">
        What the attack had at each step, from its start to its end. It searches without private images. Strips are kept, covered and deleted like
        reconstructions.
      </p>
      <div className="space-y-6">
        {filmed.map((one) => (
          <Strip key={one.id} audit={audit} candidate={one} name={identity.name} />
        ))}
      </div>
    </Section>
  );
}

function Strip({ audit, candidate: { id, attack, restart, submitted, film_steps: steps }, name }: { audit: Audit; candidate: Candidate; name: string }) {
  const frames = steps ?? [];
  const of = audit.plan.attacks.length > 1 ? `${audit.plan.attacks[attack]?.name.toUpperCase() ?? count(attack + 1)}, ` : "";
  return (
    <figure className="max-w-3xl">
      <RevealedPicture
        address={`/api/v1/reconstructions/${id}/film/image`}
        label={`Film of ${name}, ${of}restart ${count(restart)}`}
        missing="Deleted"
        className="w-full"
        ratio={frames.length}
      />
      <figcaption className="text-ink-3 mt-1 text-xs">
        <span className="figures">
          {of === "" ? "Restart" : `${of}restart`} {count(restart)}
          {submitted ? ", submitted" : ", the best of those that were searched"}. Steps from the left: {frames.map(count).join(", ")}.
        </span>
      </figcaption>
    </figure>
  );
}
