// Audits of one release that differ in their setting alone.
import type { AuditSummary } from "@/api/model";

/** Return everything about an audit that must be the same, with the settings of its attacks left out. */
function apartFromSetting({ release, public_dataset, private_dataset, gallery_dataset, plan }: AuditSummary): string {
  const attacks = plan.attacks.map(({ name, prior, prior_kind, steps, restarts }) => [name, prior, prior_kind, steps, restarts]);
  const { identity_sample, seed, combination, budget, verifiers, stop_early } = plan;
  return JSON.stringify([
    [release.id, public_dataset.id, private_dataset?.id ?? null, gallery_dataset?.id ?? null],
    attacks,
    [identity_sample, seed, combination, budget, verifiers, stop_early],
  ]);
}

/** Return the newest finished audit of each setting, with the rest of the plan as in `audit`. */
export function settingsBeside(audit: AuditSummary, all: readonly AuditSummary[]): AuditSummary[] {
  const same = apartFromSetting(audit);
  const alike = all.filter((one) => one.risk !== null && one.replay_of === null && apartFromSetting(one) === same);
  const bySetting = new Map<string, AuditSummary>();
  for (const one of [audit, ...alike]) {
    const setting = one.plan.attacks.map((attack) => attack.setting).join();
    if (one.risk !== null && !bySetting.has(setting)) bySetting.set(setting, one);
  }
  return [...bySetting.values()];
}
