// What needs a person, most urgent first. Each line leads to where it is done.
import { Link, type LinkProps } from "@tanstack/react-router";
import type { Need } from "@/api/model";
import { needWords } from "@/features/overview/words";
import { Icon, type IconName } from "@/ui/Icon";
import { When } from "@/ui/When";

const ICONS: Record<Need["kind"], IconName> = {
  policy_blocks: "gate",
  audit_failed: "warning",
  inconclusive: "notice",
  never_audited: "audits",
  waiver_asked: "person",
  schedule_failing: "clock",
  source_failing: "globe",
  pictures_deleted_soon: "bin",
};

function pageOf(projectId: string, { kind, subject, target_id: targetId }: Need): LinkProps {
  if (kind === "never_audited") return { to: "/projects/$projectId/audits/new", params: { projectId }, search: { release: subject } };
  if (kind === "schedule_failing") return { to: "/projects/$projectId/schedules", params: { projectId }, search: { open: subject, q: subject } };
  if (subject.startsWith("aud_")) return { to: "/audits/$auditId", params: { auditId: subject } };
  return { to: "/projects/$projectId/targets/$targetId", params: { projectId, targetId: targetId ?? "" } };
}

export function Needs({ projectId, needs }: { projectId: string; needs: readonly Need[] }) {
  if (needs.length === 0) return <p className="text-ink-2 text-sm">Nothing waits for a person.</p>;
  return (
    <ul className="border-line divide-line divide-y border-y">
      {needs.map((need) => (
        <li key={`${need.kind} ${need.subject}`} className="hover:bg-hover relative flex items-start gap-3 px-2 py-2 text-sm">
          <Icon name={ICONS[need.kind]} className="text-ink-3 mt-0.5 shrink-0" />
          <div className="min-w-0 flex-1">
            <Link {...pageOf(projectId, need)} className="rounded-sm font-medium break-words after:absolute after:inset-0 after:content-['']">
              {needWords(need)}
            </Link>
            {need.detail && <p className="text-ink-2 max-w-[80ch] break-words">{need.detail}</p>}
          </div>
          <span className="text-ink-3 relative shrink-0">
            <When at={need.at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
