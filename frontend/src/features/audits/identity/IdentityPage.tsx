// One identity of an audit: what was reconstructed of it, and what that is similar to.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import type { Audit, IdentityInFull } from "@/api/model";
import { keepSameList } from "@/api/pages";
import { PageProblem } from "@/app/PageError";
import { Candidates } from "@/features/audits/identity/Candidates";
import { FilmStrips } from "@/features/audits/identity/FilmStrips";
import { IdentityPictures } from "@/features/audits/identity/IdentityPictures";
import { Judgements } from "@/features/audits/identity/Judgements";
import { Neighbours } from "@/features/audits/identity/Neighbours";
import { identityQuery } from "@/features/audits/identity/queries";
import { Reveals } from "@/features/audits/identity/Reveals";
import { useArrowKeys } from "@/features/audits/identity/useArrowKeys";
import { auditKeys, auditQuery, resultQuery } from "@/features/audits/queries";
import { nounOf } from "@/features/audits/noun";
import { IdentityRequests } from "@/features/identities/IdentityRequests";
import { isErased } from "@/features/identities/words";
import { count, plural } from "@/format/numbers";
import { buttonClass } from "@/ui/Button";
import { Loading } from "@/ui/Page";
import { Trail } from "@/ui/Trail";

export function IdentityPage() {
  const { auditId, identity } = useParams({ from: "/signed-in/audits/$auditId/identities/$identity" });
  const audit = useQuery(auditQuery(auditId));
  const found = useQuery({ ...identityQuery(auditId, Number(identity)), placeholderData: keepSameList(auditKeys.identity(auditId, Number(identity))) });
  const { data: result } = useQuery(resultQuery(auditId, audit.data?.state === "succeeded"));
  if (audit.isError || found.isError) return <PageProblem error={found.error ?? audit.error} what="identity" />;
  if (!audit.data || !found.data) return <Loading what="the identity" />;
  const noun = nounOf(result);
  return (
    <>
      <title>{`${found.data.name}: ${audit.data.release.target_name} ${audit.data.release.version} · Exhume`}</title>
      <Head audit={audit.data} identity={found.data} one={noun.one} />
      <Reveals key={`${auditId}/${String(found.data.identity)}`} deleted={audit.data.images_deleted} deletedAt={audit.data.delete_images_at}>
        <IdentityPictures audit={audit.data} identity={found.data} noun={noun} />
        <FilmStrips audit={audit.data} identity={found.data} />
        <Judgements identity={found.data} />
        <Neighbours identity={found.data} audit={audit.data} noun={noun} />
        <Candidates identity={found.data} audit={audit.data} />
      </Reveals>
    </>
  );
}

function Head({ audit, identity, one }: { audit: Audit; identity: IdentityInFull; one: string }) {
  const navigate = useNavigate();
  const [moved, setMoved] = useState(false);
  const go = useCallback(
    (to: number | null) => {
      if (to === null) return;
      setMoved(true);
      void navigate({ to: "/audits/$auditId/identities/$identity", params: { auditId: audit.id, identity: String(to) }, resetScroll: false });
    },
    [navigate, audit.id],
  );
  const back = useCallback(() => go(identity.previous), [go, identity.previous]);
  const on = useCallback(() => go(identity.next), [go, identity.next]);
  useArrowKeys(back, on);
  return (
    <>
      <div className="text-ink-2 mb-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-2 text-sm">
        <Trail
          above={[
            { words: "Audits", link: { to: "/projects/$projectId/audits", params: { projectId: audit.project_id } } },
            { words: `${audit.release.target_name} ${audit.release.version}`, link: { to: "/audits/$auditId", params: { auditId: audit.id } } },
          ]}
          className=""
        />
        <nav aria-label="Order of exposure" className="flex items-center gap-2">
          <Step to={identity.previous} audit={audit.id} words="More exposed" sign="←" />
          <span className="figures">
            {count(identity.place)} of {count(identity.identities)}
          </span>
          <Step to={identity.next} audit={audit.id} words="Less exposed" sign="→" />
        </nav>
      </div>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-2xl font-medium tracking-[-0.018em] break-words">{identity.name}</h1>
          <p className="text-ink-2 mt-1 max-w-[68ch]">{sentence(identity, one)}</p>
        </div>
        {audit.private_dataset && !isErased(identity.name) && (
          <div className="flex gap-2">
            <IdentityRequests key={identity.identity} named={{ project: audit.project_id, dataset: audit.private_dataset.id, name: identity.name }} />
          </div>
        )}
      </div>
      <p role="status" className="sr-only">
        {moved && `${identity.name}, ${String(identity.place)} of ${String(identity.identities)}`}
      </p>
    </>
  );
}

function Step({ to, audit, words, sign }: { to: number | null; audit: string; words: string; sign: string }) {
  const body = (
    <>
      {sign === "←" && <span aria-hidden="true">{sign}</span>} {words} {sign === "→" && <span aria-hidden="true">{sign}</span>}
    </>
  );
  if (to === null) {
    return (
      <span aria-disabled="true" className={buttonClass("quiet", "pointer-events-none")}>
        {body}
      </span>
    );
  }
  return (
    <Link
      to="/audits/$auditId/identities/$identity"
      params={{ auditId: audit, identity: String(to) }}
      resetScroll={false}
      className={buttonClass("quiet")}
      title={`${words} (${sign} on the keyboard)`}
    >
      {body}
    </Link>
  );
}

/** Return in words whether the identity was recognised, and how exposed it is. */
function sentence(identity: IdentityInFull, one: string): string {
  const judged = identity.candidates.filter(({ recognised }) => recognised !== null);
  const hits = judged.filter(({ recognised }) => recognised === true).length;
  const restarts = judged.length > 1 ? ` ${count(hits)} of ${plural(judged.length, "reconstruction")} are recognised by every verifier.` : "";
  if (identity.verified === null) {
    if (identity.evaluator_top1 === null) return `The reconstruction of this ${one} was not compared with private images.`;
    const does = identity.evaluator_top1 ? "recognises" : "does not recognise";
    return `The evaluator ${does} this ${one} in the submitted reconstruction. It is uncalibrated, and no verifier judged.`;
  }
  const said = identity.verified
    ? `Every verifier recognises this ${one} in the submitted reconstruction.`
    : `Not every verifier recognises this ${one} in the submitted reconstruction.`;
  const control = identity.control_verified ? " A control image is recognised too, so the reconstruction adds nothing to it." : "";
  return said + restarts + control;
}
