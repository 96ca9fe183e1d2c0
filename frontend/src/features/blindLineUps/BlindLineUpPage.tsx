// One blind line-up: the reader's review, the progress of all, and the results.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { PageProblem } from "@/app/PageError";
import type { BlindLineUp } from "@/api/model";
import { BeginReview } from "@/features/blindLineUps/BeginReview";
import { blindLineUpQuery, blindLineUpResultQuery, useReload } from "@/features/blindLineUps/queries";
import { Results } from "@/features/blindLineUps/Results";
import { Review } from "@/features/blindLineUps/Review";
import { ReviewTable } from "@/features/blindLineUps/ReviewTable";
import { Button } from "@/ui/Button";
import { CommandLine, Digest } from "@/ui/Copy";
import { Notice, ProblemNotice } from "@/ui/Notice";
import { Loading, Page, Section } from "@/ui/Page";
import { Trail } from "@/ui/Trail";

export function BlindLineUpPage() {
  const { lineUpId } = useParams({ from: "/signed-in/blind-line-ups/$lineUpId" });
  return <LineUp key={lineUpId} id={lineUpId} />; // a review that is open ends with its line-up
}

function LineUp({ id }: { id: string }) {
  const lineUp = useQuery(blindLineUpQuery(id));
  const reload = useReload();
  const [reviewing, setReviewing] = useState(false);
  if (lineUp.isPending) return <Loading what="the blind line-up" />;
  if (!lineUp.data) return <PageProblem error={lineUp.error} what="blind line-up" />;
  const { data } = lineUp;
  if (reviewing) {
    const leave = () => void reload().then(() => setReviewing(false));
    return (
      <Page title="Blind line-up">
        <Review lineUp={data} onLeave={leave} />
      </Page>
    );
  }
  return (
    <>
      <Trail above={[{ words: "Audit", link: { to: "/audits/$auditId", params: { auditId: data.audit_id } } }]} here="Blind line-up" />
      <Page title="Blind line-up" lead={`${data.items} items with ${data.candidates} candidates each.`}>
        {data.pictures_deleted ? (
          <Notice title="The pictures were deleted">No review can begin or go on. Answers that were given are kept.</Notice>
        ) : (
          <>
            {data.your_review === "not_begun" && <BeginReview lineUp={data} onBegun={() => setReviewing(true)} />}
            {data.your_review === "begun" && (
              <Button look="primary" onClick={() => setReviewing(true)}>
                Go on with your review
              </Button>
            )}
            {data.your_review === "results_read" && <p className="text-ink-2 text-sm">You have read the results, so you cannot review this blind line-up.</p>}
            {data.your_review === "finished" && <p className="text-ink-2 text-sm">Your review is finished.</p>}
          </>
        )}
        <LineUpResults lineUp={data} />
        <Section title="Reviews">
          <ReviewTable lineUp={data} />
        </Section>
        <div className="text-ink-3 mt-8 max-w-xl space-y-4 text-sm">
          <p>
            The items and their answers were fixed before the first review: <Digest digest={data.digest} />
          </p>
          <CommandLine command={`exhume blind-line-up show ${data.id}`} />
        </div>
      </Page>
    </>
  );
}

/** Results are loaded at once for readers who cannot begin a review any more. */
function LineUpResults({ lineUp }: { lineUp: BlindLineUp }) {
  const [asked, setAsked] = useState(false);
  const reload = useReload();
  const finished = lineUp.reviews.some(({ finished_at }) => finished_at !== null);
  const open = lineUp.your_review === "not_begun" && !lineUp.pictures_deleted;
  const begun = lineUp.your_review === "begun" && !lineUp.pictures_deleted;
  const result = useQuery(blindLineUpResultQuery(lineUp.id, finished && !begun && (!open || asked)));
  return (
    <Section title="Results">
      {!finished && <p className="text-ink-3 text-sm">There are results once a review is finished.</p>}
      {finished && begun && <p className="text-ink-3 text-sm">The results are shown when your review is finished.</p>}
      {finished && open && !asked && (
        <>
          <p className="text-ink-2 mb-3 max-w-[60ch] text-sm">Reviewers answer without knowing the results. If you read them now, you cannot review any more.</p>
          <Button onClick={() => setAsked(true)}>Read the results</Button>
        </>
      )}
      {result.isError && <ProblemNotice error={result.error} />}
      {result.data && <Results result={result.data} />}
      {result.data && open && (
        <p className="mt-4 text-sm">
          <Button onClick={() => void reload()}>Close your review</Button>
        </p>
      )}
    </Section>
  );
}
