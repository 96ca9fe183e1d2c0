// The record: who asked and declared what, which inputs by digest, and the plan that was fixed before anything ran.
import type { ReactNode } from "react";
import type { Audit } from "@/api/model";
import { isFinished } from "@/features/audits/queries";
import { PRIOR_WORDS, SETTING_WORDS } from "@/features/audits/settings";
import { budgetPercent, count, plural } from "@/format/numbers";
import { CommandLine, Digest } from "@/ui/Copy";
import { Section } from "@/ui/Page";
import { RoleMark } from "@/ui/Role";
import { Term } from "@/ui/Term";
import { When } from "@/ui/When";

export function Record({ audit }: { audit: Audit }) {
  const { plan, release, public_dataset, private_dataset } = audit;
  return (
    <Section title="The record">
      <dl className="grid grid-cols-1 gap-x-10 text-sm md:grid-cols-2">
        <Line name="Release">
          {release.target_name} {release.version}
        </Line>
        <Line name="Plan, fixed before the start">
          <Digest digest={audit.plan_digest} />
        </Line>
        <Line name={<RoleMark of="public" />}>
          {public_dataset.name}, {plural(public_dataset.images ?? 0, "image")}
        </Line>
        <Line name={<Term name="frozen">Reconstructions frozen</Term>}>
          {audit.frozen_digest && audit.frozen_at ? (
            <>
              <When at={audit.frozen_at} absolute /> <Digest digest={audit.frozen_digest} />
            </>
          ) : (
            "not yet; private images are still closed"
          )}
        </Line>
        <Line name={<RoleMark of="private" />}>
          {private_dataset ? `${private_dataset.name}, ${plural(private_dataset.images ?? 0, "image")}` : "none"}
        </Line>
        <Line name="Rights declared">
          {audit.declared_by}: “{audit.declaration}”
        </Line>
        <Line name="Attack">
          {plan.attack.toUpperCase()}, {SETTING_WORDS[plan.setting].name},{" "}
          {plan.prior && plan.attack !== "miface" ? `${PRIOR_WORDS[plan.prior].name} prior, ` : ""}seed {plan.seed}
          {plan.restarts ? `, ${count(plan.restarts)} restarts` : ""}
          {plan.steps ? `, ${count(plan.steps)} steps` : ""}
        </Line>
        <Line name="Started by">
          {audit.requested_by}, <When at={audit.created_at} absolute />
        </Line>
        <Line name={<Term name="budget">Budget</Term>}>
          {budgetPercent(plan.budget)} at {budgetPercent(plan.confidence)} confidence
        </Line>
        <Line name="Pictures deleted">
          <When at={audit.delete_images_at} absolute />
        </Line>
      </dl>
      {isFinished(audit) && (
        <div className="mt-6 max-w-xl">
          <CommandLine command={`exhume audit show ${audit.id}`} />
        </div>
      )}
    </Section>
  );
}

function Line({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="border-line flex min-h-10 flex-wrap items-center justify-between gap-x-6 gap-y-0.5 border-b py-1.5">
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 text-right break-words">{children}</dd>
    </div>
  );
}
