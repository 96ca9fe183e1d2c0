// The comparison of a replay with its original, or the button that starts a replay.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { idempotencyKey } from "@/api/client";
import type { Audit, Drift } from "@/api/model";
import { driftQuery, useReplayAudit } from "@/features/audits/result/queries";
import { count, interval, points } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { ProblemNotice } from "@/ui/Notice";
import { Loading, Section } from "@/ui/Page";

const OUTCOMES: Record<Drift["outcome"], string> = {
  exact: "No drift.",
  same_verdict: "Same verdict.",
  different: "A different result.",
};

export function Replay({ audit }: { audit: Audit }) {
  return <Section title="Replay" folds>{audit.replay_of ? <Compared audit={audit} original={audit.replay_of} /> : <Again audit={audit} />}</Section>;
}

function Compared({ audit, original }: { audit: Audit; original: string }) {
  const drift = useQuery(driftQuery(audit.id));
  if (drift.isPending) return <Loading what="the comparison" />;
  if (drift.isError) return <ProblemNotice error={drift.error} title="The replay could not be compared" />;
  const { outcome, explanation, reconstructions: made, verdict, risk, changed } = drift.data;
  return (
    <>
      <p className="max-w-[68ch]">
        <span className="font-medium">{OUTCOMES[outcome]}</span> {explanation}{" "}
        <Link to="/audits/$auditId" params={{ auditId: original }} className="text-accent underline underline-offset-2">
          The original
        </Link>
      </p>
      <dl className="text-ink-2 figures mt-2 grid max-w-3xl gap-x-10 gap-y-1 text-sm sm:grid-cols-3">
        <div>
          <dt className="text-ink-3">Reconstructions</dt>
          <dd>
            {count(made.equal)} of {count(made.total)} equal
          </dd>
        </div>
        <div>
          <dt className="text-ink-3">Verdict</dt>
          <dd>
            {verdict.original ?? "–"}, in the replay {verdict.replay ?? "–"}
          </dd>
        </div>
        <div>
          <dt className="text-ink-3">Risk</dt>
          <dd>
            {interval({ value: risk.original, low: risk.original_low, high: risk.original_high })}, in the replay{" "}
            {interval({ value: risk.replay, low: risk.replay_low, high: risk.replay_high })}: {points(risk.difference)}
          </dd>
        </div>
      </dl>
      {changed.length > 0 && (
        <>
          <h3 className="mt-3 text-sm font-medium">Changed since</h3>
          <ul className="text-ink-2 mt-1 max-w-[68ch] list-disc space-y-1 pl-4 text-sm break-words">
            {changed.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Again({ audit }: { audit: Audit }) {
  const replay = useReplayAudit(audit);
  const navigate = useNavigate();
  const [key] = useState(idempotencyKey);
  const start = () => replay.mutate(key, { onSuccess: (made) => void navigate({ to: "/audits/$auditId", params: { auditId: made.id } }) });
  return (
    <>
      <p className="text-ink-2 max-w-[68ch] text-sm">
        On the same kind of machine, the same plan, images and seeds give the same result. A replay runs them again and reports the
        differences. It reuses the prior and the students.
      </p>
      <div className="mt-3 flex flex-wrap items-end gap-x-6 gap-y-3">
        <Button onClick={start} disabled={replay.isPending}>
          {replay.isPending ? "Starting …" : "Start a replay"}
        </Button>
        <CommandLine command={`exhume replay ${audit.id}`} />
      </div>
      {replay.isError && <ProblemNotice error={replay.error} title="The replay was not started" />}
    </>
  );
}
