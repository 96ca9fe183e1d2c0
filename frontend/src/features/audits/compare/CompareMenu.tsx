// A menu of the audits that one can be compared with: those of the same target first.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Audit } from "@/api/model";
import { auditsQuery } from "@/features/audits/queries";
import { settingsOf } from "@/features/audits/settings";
import { share } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { When } from "@/ui/When";

export function CompareMenu({ audit }: { audit: Audit }) {
  const [open, setOpen] = useState(false);
  const audits = useInfiniteQuery({ ...auditsQuery(audit.project_id, { state: "succeeded" }), enabled: open });
  const others = (audits.data?.pages.flatMap(({ items }) => items) ?? []).filter(({ id }) => id !== audit.id);
  const same = (target: string) => (target === audit.release.target_id ? 0 : 1);
  const ordered = [...others].sort((one, other) => same(one.release.target_id) - same(other.release.target_id));
  return (
    <>
      <Button onClick={() => setOpen(true)}>Compare …</Button>
      <Dialog open={open} onOpenChange={setOpen} title="Compare with" description="R of the audit that you choose, minus R of this one, over the identities of both.">
        {audits.data && !audits.hasNextPage && ordered.length === 0 && <p className="text-ink-2 mt-4 text-sm">The project has no other finished audit.</p>}
        <ul className="mt-4 space-y-0.5">
          {ordered.map(({ id, release, plan, verdict, risk, created_at: at }) => (
            <li key={id}>
              <Link
                to="/audits/$auditId/compare/$otherId"
                params={{ auditId: audit.id, otherId: id }}
                className="hover:bg-hover flex flex-wrap items-baseline justify-between gap-x-4 rounded-md px-2 py-1.5 text-sm"
              >
                <span>
                  <span className="font-medium">
                    {release.target_name} {release.version}
                  </span>
                  , {settingsOf(plan)}
                </span>
                <span className="text-ink-2 figures">
                  {verdict}, R {share(risk)}, <When at={at} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
        {audits.hasNextPage && (
          <Button look="quiet" className="mt-2" onClick={() => void audits.fetchNextPage()} disabled={audits.isFetchingNextPage}>
            Show older audits
          </Button>
        )}
      </Dialog>
    </>
  );
}
