// The page of API keys: create, show once, revoke.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { PageProblem } from "@/app/PageError";
import { KeyTable } from "@/features/keys/KeyTable";
import { NewKey } from "@/features/keys/NewKey";
import { keysQuery } from "@/features/keys/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { Empty, Loading, Page } from "@/ui/Page";

const COMMAND = "exhume key create ci --scope audits:read --scope audits:write";

export function KeysPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/keys" });
  const owner = { project: projectId };
  const keys = useQuery(keysQuery(owner));
  const { data: session } = useQuery(sessionQuery);
  const [adding, setAdding] = useState(false);
  const mayWrite = session?.scopes.includes("keys:write") ?? false;
  if (keys.isError && !keys.data) return <PageProblem error={keys.error} what="project" />;
  const rows = keys.data ?? [];
  const button = mayWrite && (
    <Button look="primary" onClick={() => setAdding(true)}>
      <Icon name="plus" /> New key
    </Button>
  );
  return (
    <Page
      title="API keys"
      lead="For pipelines and scripts. A key belongs to this project, is limited to its scopes, and expires."
      actions={rows.length > 0 && !adding && button}
    >
      <NewKey owner={owner} adding={adding} onClose={() => setAdding(false)} />
      {keys.isPending && <Loading what="keys" />}
      {keys.data && rows.length === 0 && !adding && (
        <Empty title="No keys yet" action={button}>
          <p>A pipeline that audits every release candidate needs its own key. {!mayWrite && "An administrator of your organisation creates it."}</p>
          <CommandLine command={COMMAND} />
        </Empty>
      )}
      {rows.length > 0 && (
        <>
          <KeyTable caption="API keys of this project" rows={rows} mayRevoke={mayWrite} />
          <div className="mt-6 max-w-xl">
            <CommandLine command={COMMAND} />
          </div>
        </>
      )}
    </Page>
  );
}
