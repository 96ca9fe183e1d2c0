// The legal holds of a project.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { HoldTable } from "@/features/holds/HoldTable";
import { NewHoldForm } from "@/features/holds/NewHoldForm";
import { holdsQuery } from "@/features/holds/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";
import { Loading, Section } from "@/ui/Page";

export function Holds({ projectId }: { projectId: string }) {
  const holds = useQuery(holdsQuery(projectId));
  const { data: session } = useQuery(sessionQuery);
  const [adding, setAdding] = useState(false);
  const mayHold = session?.scopes.includes("data:hold") ?? false;
  return (
    <Section title="Legal holds" aside={mayHold && !adding && <Button onClick={() => setAdding(true)}>Place a hold</Button>}>
      <p className="text-ink-2 mb-3 max-w-[68ch] text-sm">A hold forbids deletion, by people and at the end of the retention, until it is released.</p>
      {adding && <NewHoldForm projectId={projectId} onClose={() => setAdding(false)} />}
      {holds.isPending && <Loading what="legal holds" />}
      {holds.isError && <ProblemNotice error={holds.error} />}
      {holds.data && <HoldTable projectId={projectId} rows={holds.data} mayRelease={mayHold} />}
    </Section>
  );
}
