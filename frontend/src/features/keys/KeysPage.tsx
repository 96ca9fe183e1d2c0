// The page of API keys: create, show once, revoke.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { rowsOf } from "@/api/pages";
import { PageProblem } from "@/app/PageError";
import { KEY_CHOICES, validateKeys } from "@/features/keys/list";
import { KeyTable } from "@/features/keys/KeyTable";
import { NewKey } from "@/features/keys/NewKey";
import { type KeyOwner, searchedKeysQuery } from "@/features/keys/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { narrows } from "@/ui/listSearch";
import { Empty, Page } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";

const COMMAND = "exhume key create ci --scope audits:read --scope audits:write";

export function KeysPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/keys" });
  const owner: KeyOwner = { project: projectId };
  const values = validateKeys(useSearch({ from: "/signed-in/projects/$projectId/keys" })); // the router keeps unknown ones
  const navigate = useNavigate({ from: "/projects/$projectId/keys" });
  const keys = useInfiniteQuery(searchedKeysQuery(owner, values));
  const { data: session } = useQuery(sessionQuery);
  const [adding, setAdding] = useState(false);
  const mayWrite = session?.scopes.includes("keys:write") ?? false;
  const searched = narrows(values);
  if (keys.isError && !keys.data && !searched) return <PageProblem error={keys.error} what="project" />;
  const button = mayWrite && (
    <Button look="primary" onClick={() => setAdding(true)}>
      <Icon name="plus" /> New key
    </Button>
  );
  return (
    <Page
      title="API keys"
      lead="For pipelines and scripts. A key belongs to this project, is limited to its scopes, and expires."
      actions={(searched || rowsOf(keys.data).length > 0) && !adding && button}
    >
      <NewKey owner={owner} adding={adding} onClose={() => setAdding(false)} />
      <SearchedList
        what="keys"
        list={keys}
        values={values}
        choices={KEY_CHOICES}
        onChange={(next) => void navigate({ search: next, replace: true, resetScroll: false })}
        empty={
          !adding && (
            <Empty title="No keys yet" action={button}>
              <p>A pipeline that audits every release candidate needs its own key. {!mayWrite && "An administrator of your organisation creates it."}</p>
              <CommandLine command={COMMAND} />
            </Empty>
          )
        }
        aside={<CommandLine command={COMMAND} />}
      >
        {(rows) => <KeyTable caption="API keys of this project" rows={rows} mayRevoke={mayWrite} />}
      </SearchedList>
    </Page>
  );
}
