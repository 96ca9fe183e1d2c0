// The page of API keys: create, show once, revoke.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { NewApiKey } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { KeyTable } from "@/features/keys/KeyTable";
import { NewKeyForm } from "@/features/keys/NewKeyForm";
import { keysQuery } from "@/features/keys/queries";
import { Button } from "@/ui/Button";
import { CommandLine, CopyButton } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";
import { Empty, Loading, Page } from "@/ui/Page";

const COMMAND = "exhume key create ci --scope audits:read --scope audits:write";

export function KeysPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/keys" });
  const keys = useQuery(keysQuery(projectId));
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<NewApiKey | null>(null);
  if (keys.isError && !keys.data) return <PageProblem error={keys.error} what="project" />;
  const rows = keys.data ?? [];
  const button = (
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
      {made && (
        <div role="status" className="mb-6 max-w-2xl">
          <Notice title={`Copy the key “${made.name}” now. It is not shown again`}>
            <span className="bg-surface border-line mt-1 flex items-center rounded-md border pl-3">
              <code className="text-ink min-w-0 flex-1 font-mono text-xs break-all">{made.key}</code>
              <CopyButton text={made.key} label="Copy the key" />
            </span>
          </Notice>
        </div>
      )}
      {adding && (
        <NewKeyForm
          projectId={projectId}
          onClose={() => setAdding(false)}
          onMade={(key) => {
            setMade(key);
            setAdding(false);
          }}
        />
      )}
      {keys.isPending && <Loading what="keys" />}
      {keys.data && rows.length === 0 && !adding && (
        <Empty title="No keys yet" action={button}>
          <p>A pipeline that audits every release candidate needs its own key.</p>
          <CommandLine command={COMMAND} />
        </Empty>
      )}
      {rows.length > 0 && (
        <>
          <KeyTable projectId={projectId} rows={rows} />
          <div className="mt-6 max-w-xl">
            <CommandLine command={COMMAND} />
          </div>
        </>
      )}
    </Page>
  );
}
