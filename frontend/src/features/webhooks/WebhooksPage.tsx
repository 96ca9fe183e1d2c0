// The webhooks of a project: which events are sent where, and what came of it.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { NewWebhook, Webhook } from "@/api/model";
import { rowsOf } from "@/api/pages";
import { PageProblem } from "@/app/PageError";
import { eventName, FORMATS } from "@/features/webhooks/events";
import { validateWebhooks, WEBHOOK_CHOICES } from "@/features/webhooks/list";
import { NewWebhookForm } from "@/features/webhooks/NewWebhookForm";
import { searchedWebhooksQuery } from "@/features/webhooks/queries";
import { WebhookDetails } from "@/features/webhooks/WebhookDetails";
import { plural } from "@/format/numbers";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { CommandLine, CopyButton } from "@/ui/Copy";
import { DataTable } from "@/ui/DataTable";
import { Icon } from "@/ui/Icon";
import { narrows } from "@/ui/listSearch";
import { Notice } from "@/ui/Notice";
import { Empty, Page } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";
import { ProgressMark } from "@/ui/VerdictMark";

const COMMAND = "exhume webhook create registry https://registry.example.com/exhume --event decision.failed";

const COLUMNS: Column<Webhook>[] = [
  { id: "format", header: "Format", className: "whitespace-nowrap", cell: ({ format }) => FORMATS[format].name },
  { id: "address", header: "Address", className: "text-ink-2 font-mono text-xs break-all", cell: ({ shown }) => shown },
  { id: "events", header: "Events", className: "text-ink-2 max-w-72 text-sm", cell: ({ events }) => events.map(eventName).join(", ") },
  {
    id: "state",
    header: "State",
    className: "whitespace-nowrap",
    cell: ({ active, failures }) =>
      !active ? (
        <ProgressMark state="cancelled" words="Paused" />
      ) : failures > 0 ? (
        <ProgressMark state="failed" words={plural(failures, "failed delivery", "failed deliveries")} />
      ) : (
        <ProgressMark state="succeeded" words="Active" />
      ),
  },
];

export function WebhooksPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/webhooks" });
  const { open: opened, add: adding, ...values } = validateWebhooks(useSearch({ from: "/signed-in/projects/$projectId/webhooks" })); // the router keeps unknown ones
  const navigate = useNavigate({ from: "/projects/$projectId/webhooks" });
  const webhooks = useInfiniteQuery(searchedWebhooksQuery(projectId, values));
  const [made, setMade] = useState<NewWebhook | null>(null);
  const searched = narrows(values);
  if (webhooks.isError && !webhooks.data && !searched) return <PageProblem error={webhooks.error} what="project" />;
  const add = (open: boolean) => void navigate({ search: { ...values, add: open || undefined }, replace: !open });
  const open = (id: string | undefined) => void navigate({ search: { ...values, open: id }, replace: true, resetScroll: false });
  const name: Column<Webhook> = {
    id: "name",
    header: "Webhook",
    rowHeader: true,
    cell: ({ id, name }) => (
      <button
        type="button"
        onClick={() => open(opened === id ? undefined : id)}
        aria-expanded={opened === id}
        className="inline-flex items-center gap-1.5 rounded align-bottom text-left font-medium"
      >
        <Icon name={opened === id ? "chevron" : "right"} className="text-ink-3 size-3.5 shrink-0" />
        {name}
      </button>
    ),
  };
  const button = (
    <Button look="primary" onClick={() => add(true)}>
      <Icon name="plus" /> New webhook
    </Button>
  );
  return (
    <Page title="Webhooks" lead="Tell other services, a chat or people about decisions, waivers and schedules." actions={(searched || rowsOf(webhooks.data).length > 0) && !adding && button}>
      {made?.secret && <Secret webhook={made} secret={made.secret} />}
      {adding && (
        <NewWebhookForm
          projectId={projectId}
          onClose={() => add(false)}
          onMade={(webhook) => {
            setMade(webhook);
            open(webhook.id);
          }}
        />
      )}
      <SearchedList
        what="webhooks"
        list={webhooks}
        values={values}
        choices={WEBHOOK_CHOICES}
        onChange={(next) => void navigate({ search: { ...next, add: adding }, replace: true, resetScroll: false })}
        empty={
          !adding && (
            <Empty title="No webhooks yet" action={button}>
              <p>A webhook sends what the gate decides to where your team already looks: a chat, a mailbox or a service of yours.</p>
              <CommandLine command={COMMAND} />
            </Empty>
          )
        }
        aside={<CommandLine command={COMMAND} />}
      >
        {(rows) => (
          <DataTable
            caption="Webhooks of this project"
            columns={[name, ...COLUMNS]}
            rows={rows}
            rowKey={({ id }) => id}
            details={(webhook) => opened === webhook.id && <WebhookDetails webhook={webhook} />}
            width="min-w-[46rem]"
          />
        )}
      </SearchedList>
    </Page>
  );
}

function Secret({ webhook, secret }: { webhook: NewWebhook; secret: string }) {
  return (
    <div role="status" className="mb-6 max-w-2xl">
      <Notice title={`Copy the secret of “${webhook.name}” now. It is not shown again`}>
        <p>The receiver verifies the signature of each message with it.</p>
        <span className="bg-surface border-line mt-1 flex items-center rounded-md border pl-3">
          <code className="text-ink min-w-0 flex-1 font-mono text-xs break-all">{secret}</code>
          <CopyButton text={secret} label="Copy the secret" />
        </span>
      </Notice>
    </div>
  );
}
