// The record of an audit: request, declaration, inputs by digest, and plan.
import type { Audit } from "@/api/model";
import { Given } from "@/features/audits/Given";
import { isFinished } from "@/features/audits/queries";
import { PRIOR_WORDS, SETTING_WORDS } from "@/features/audits/settings";
import { Who } from "@/features/log/Who";
import { count, plural } from "@/format/numbers";
import { CommandLine, Digest } from "@/ui/Copy";
import { Fact, Facts } from "@/ui/Facts";
import { Section } from "@/ui/Page";
import { RoleMark } from "@/ui/Role";
import { Term } from "@/ui/Term";
import { When } from "@/ui/When";

export function Record({ audit }: { audit: Audit }) {
  const { plan, release, public_dataset, private_dataset } = audit;
  return (
    <Section title="Record" folds>
      <Facts>
        <Fact name="Release">
          {release.target_name} {release.version}
        </Fact>
        <Fact name="Plan, fixed before the start">
          <Digest digest={audit.plan_digest} />
        </Fact>
        <Fact name={<RoleMark of="public" />}>
          <DataSet set={public_dataset} digest={plan.datasets.public} />
        </Fact>
        <Fact name={<Term name="frozen">Reconstructions frozen</Term>}>
          {audit.frozen_digest && audit.frozen_at ? (
            <>
              <When at={audit.frozen_at} absolute /> <Digest digest={audit.frozen_digest} />
            </>
          ) : (
            isFinished(audit) ? "none were made" : "not yet. Nothing has been compared with private images"
          )}
        </Fact>
        <Fact name={<RoleMark of="private" />}>
          {private_dataset ? <DataSet set={private_dataset} digest={plan.datasets.private} /> : "none"}
        </Fact>
        {audit.gallery_dataset && (
          <Fact name={<RoleMark of="gallery" />}>
            <DataSet set={audit.gallery_dataset} digest={plan.datasets.gallery} />
          </Fact>
        )}
        <Fact name="Rights declared">
          {audit.declared_by}: “{audit.declaration}”
        </Fact>
        {plan.attacks.map((attack, index) => (
          <Fact key={index} name={plan.attacks.length > 1 ? `Attack ${count(index + 1)}` : "Attack"}>
            {attack.name.toUpperCase()}, {SETTING_WORDS[attack.setting].name},{" "}
            {attack.name !== "miface" ? `${PRIOR_WORDS[attack.prior].name} prior, ` : ""}seed {plan.seed},{" "}
            {plural(attack.restarts, "restart")}, {plural(attack.steps, "step")}
          </Fact>
        ))}
        <Fact name="Started by">
          <Who actor={audit.requested_by} />, <When at={audit.created_at} absolute />
        </Fact>
        <Fact name={<Term name="budget">Budget</Term>}>
          <Given path="audit.plan.budget" value={plan.budget} /> at <Given path="audit.plan.confidence" value={plan.confidence} /> confidence
        </Fact>
        <Fact name="Images deleted">
          <When at={audit.delete_images_at} absolute />
        </Fact>
      </Facts>
      {isFinished(audit) && (
        <div className="mt-6 max-w-xl">
          <CommandLine command={`exhume audit show ${audit.id}`} />
        </div>
      )}
    </Section>
  );
}

/** A data set by name, size, and the digest in the plan. */
function DataSet({ set, digest }: { set: Audit["public_dataset"]; digest: string | null | undefined }) {
  return (
    <>
      {set.name}, {plural(set.images ?? 0, "image")} {digest && <Digest digest={digest} />}
    </>
  );
}
