// The blind line-ups of an audit, on its page: people say whom the reconstructions show.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Audit, BlindLineUp } from "@/api/model";
import { NewBlindLineUp } from "@/features/blindLineUps/NewBlindLineUp";
import { blindLineUpResultQuery, blindLineUpsQuery } from "@/features/blindLineUps/queries";
import { sessionQuery } from "@/features/session/queries";
import { interval, plural, share } from "@/format/numbers";
import { Button, buttonClass } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";
import { Section } from "@/ui/Page";
import { When } from "@/ui/When";

export function BlindLineUps({ audit }: { audit: Audit }) {
  const lineUps = useQuery(blindLineUpsQuery(audit.id));
  const { data: session } = useQuery(sessionQuery);
  const [adding, setAdding] = useState(false);
  const possible = audit.private_dataset !== null && !audit.images_deleted;
  const may = possible && (session?.scopes.includes("reconstructions:reveal") ?? false);
  if (!possible && !lineUps.data?.length) return null;
  return (
    <Section title="Blind line-ups" folds aside={may && !adding && <Button onClick={() => setAdding(true)}>New blind line-up</Button>}>
      <p className="text-ink-2 mb-3 max-w-[68ch] text-sm">
        People say whom a reconstruction shows, among candidates and without names. It measures what people recognise, beside the verifiers. R and the verdict
        stay as they are.
      </p>
      {adding && <NewBlindLineUp auditId={audit.id} onClose={() => setAdding(false)} />}
      {lineUps.isError && <ProblemNotice error={lineUps.error} />}
      {lineUps.data?.length === 0 && <p className="text-ink-3 text-sm">None yet.</p>}
      <ul className="divide-line border-line max-w-3xl divide-y empty:hidden">
        {lineUps.data?.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 py-3">
            <div className="min-w-0">
              <LineUpSummary lineUp={one} />
              <p className="text-ink-3 text-sm">
                {plural(one.items, "item")}, {progressOf(one)}, made <When at={one.created_at} />
              </p>
            </div>
            <Link to="/blind-line-ups/$lineUpId" params={{ lineUpId: one.id }} className={buttonClass()}>
              {WORDS[one.your_review] ?? "Open"}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const WORDS: Partial<Record<BlindLineUp["your_review"], string>> = { not_begun: "Review", begun: "Go on with your review" };

function progressOf({ reviews }: BlindLineUp): string {
  const finished = reviews.filter(({ finished_at }) => finished_at !== null).length;
  return `${finished} of ${plural(reviews.length, "review")} finished`;
}

/** The match rate, for readers who have reviewed or cannot review. */
function LineUpSummary({ lineUp }: { lineUp: BlindLineUp }) {
  const finished = lineUp.reviews.some(({ finished_at }) => finished_at !== null);
  const open = lineUp.your_review === "begun" || lineUp.your_review === "not_begun";
  const { data } = useQuery(blindLineUpResultQuery(lineUp.id, finished && !open));
  if (!data) return <p className="font-medium">{open ? "You have not finished a review" : "No result yet"}</p>;
  return (
    <>
      <p className="font-medium">{data.sentence}</p>
      {data.matched && (
        <p className="text-ink-2 text-sm" data-figure="blind_line_up.matched">
          People match {interval(data.matched)} of the reconstructions to the right person, by chance {share(data.chance)}.
        </p>
      )}
    </>
  );
}
