// One prior: samples, recipe, digest, and the audits that used it.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import type { Prior } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { AuditsUsing } from "@/features/audits/AuditsUsing";
import { DeleteButton } from "@/features/deletions/DeleteButton";
import { CoveredSheet } from "@/features/priors/CoveredSheet";
import { PriorSheet, samplesOf } from "@/features/priors/PriorSheet";
import { PublicSets } from "@/features/priors/PublicSets";
import { priorQuery } from "@/features/priors/queries";
import { bytes, count } from "@/format/numbers";
import { CommandLine, Digest } from "@/ui/Copy";
import { Fact, Facts } from "@/ui/Facts";
import { Loading, Page, Section } from "@/ui/Page";
import { RoleMark } from "@/ui/Role";
import { Trail } from "@/ui/Trail";
import { When } from "@/ui/When";

const UNKNOWN = "unknown"; // the kind of a prior without a recipe

export function PriorPage() {
  const { priorId } = useParams({ from: "/signed-in/projects/$projectId/priors/$priorId" });
  const navigate = useNavigate();
  const found = useQuery(priorQuery(priorId));
  if (found.isError && !found.data) return <PageProblem error={found.error} what="prior" />;
  if (found.isPending) return <Loading what="the prior" />;
  const prior = found.data;
  const { id, project_id: projectId, kind } = prior;
  return (
    <>
      <Trail above={[{ words: "Priors", link: { to: "/projects/$projectId/priors", params: { projectId } } }]} here="Prior" />
      <Page
        title={`Prior of kind ${kind}`}
        lead={
          <>
            Made from <RoleMark of="public" name="public images" />, without private images.
          </>
        }
        actions={
          <DeleteButton
            subject={{ kind: "prior", id }}
            projectId={projectId}
            name={`prior of kind ${kind}`}
            onDeleted={() => void navigate({ to: "/projects/$projectId/priors", params: { projectId } })}
          />
        }
      >
        <Section title="Samples">
          {prior.covered ? (
            <CoveredSheet key={id} address={`/api/v1/priors/${id}/samples/image`} label={samplesOf(prior)} className="w-72" />
          ) : (
            <PriorSheet key={id} prior={prior} className="size-72" />
          )}
          <p className="text-ink-2 mt-2 max-w-[68ch] text-sm">
            Sixteen samples of its generator. A prior that memorises may show a public image.{" "}
            {prior.covered
              ? `${kind === UNKNOWN ? "This one has no recipe, and may also have learned" : "This one also learned"} the answers of a release to public images, so a sample may resemble a person whom the release knows. The samples are therefore covered.`
              : "They are not covered."}
          </p>
        </Section>
        <Section title="Contents">
          <PriorFacts prior={prior} />
        </Section>
        <Section title="Audits">
          <AuditsUsing projectId={projectId} used={{ prior_id: id }} caption="Audits that used this prior" none="No audit is recorded for it." />
        </Section>
        <Section title="Deletion">
          <p className="text-ink-2 max-w-[68ch] text-sm">
            Deleting it frees its space and destroys its samples. Results and pictures stay. An audit that needs it makes the same one again. It is
            rejected while an audit that uses it runs. A signed receipt says what was destroyed.
          </p>
        </Section>
        <div className="mt-8 max-w-xl">
          <CommandLine command={`exhume prior delete ${id} --preview`} />
        </div>
      </Page>
    </>
  );
}

function PriorFacts({ prior }: { prior: Prior }) {
  const settings = Object.entries(prior.recipe).filter(([name]) => name !== "kind");
  return (
    <>
      <Facts>
        <Fact name="Made from">
          <PublicSets prior={prior} />
        </Fact>
        <Fact name="Images">{count(prior.images)}</Fact>
        <Fact name="Size">{bytes(prior.size_bytes)}</Fact>
        <Fact name="SHA-256">
          <Digest digest={prior.sha256} />
        </Fact>
        <Fact name="Digest of images, recipe and code">
          <Digest digest={prior.key} />
        </Fact>
        <Fact name="Made">
          <When at={prior.created_at} absolute />
        </Fact>
      </Facts>
      <p className="text-ink-2 mt-3 max-w-[86ch] text-sm break-words">
        Recipe: {settings.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ") || "none recorded"}.
      </p>
    </>
  );
}
