// One webhook: the actions on it, and its deliveries.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Delivery, Webhook } from "@/api/model";
import { answerOf, deliveryState, eventName } from "@/features/webhooks/events";
import { deliveriesQuery, useWebhookAction } from "@/features/webhooks/queries";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { ProblemNotice } from "@/ui/Notice";
import { ProgressMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

const COLUMNS: Column<Delivery>[] = [
  { id: "event", header: "Event", rowHeader: true, className: "whitespace-nowrap", cell: ({ event, replay_of }) => `${eventName(event)}${replay_of ? ", sent again" : ""}` },
  { id: "state", header: "State", className: "whitespace-nowrap", cell: (delivery) => <ProgressMark {...deliveryState(delivery)} /> },
  { id: "answer", header: "Answer", className: "text-ink-2 min-w-52", cell: answerOf },
  {
    id: "next",
    header: "Next attempt",
    className: "text-ink-2",
    cell: ({ next_at, finished_at }) => (finished_at === null && next_at ? <When at={next_at} /> : "–"),
  },
  { id: "made", header: "Made", align: "end", className: "text-ink-2", cell: ({ created_at }) => <When at={created_at} /> },
];

export function WebhookDetails({ webhook }: { webhook: Webhook }) {
  const deliveries = useQuery(deliveriesQuery(webhook.id));
  const action = useWebhookAction(webhook);
  const [deleting, setDeleting] = useState(false);
  const replay: Column<Delivery> = {
    id: "actions",
    header: <span className="sr-only">Actions</span>,
    align: "end",
    cell: ({ id, event, finished_at }) =>
      finished_at !== null && (
        <Button look="quiet" disabled={action.isPending} onClick={() => action.mutate({ kind: "replay", delivery: id })} aria-label={`Send again: ${eventName(event)}`}>
          Send again
        </Button>
      ),
  };
  return (
    <div className="space-y-4 pl-5">
      {action.isError && <ProblemNotice error={action.error} />}
      <div className="flex flex-wrap gap-2">
        <Button disabled={action.isPending || !webhook.active} onClick={() => action.mutate({ kind: "test" })}>
          Send a test
        </Button>
        <Button disabled={action.isPending} onClick={() => action.mutate({ kind: "active", active: !webhook.active })}>
          {webhook.active ? "Pause" : "Resume"}
        </Button>
        <Button look="quiet" onClick={() => setDeleting(true)}>
          Delete
        </Button>
      </div>
      <div>
        <h2 className="mb-1.5 text-sm font-medium">Latest deliveries</h2>
        <DataTable
          caption={`Latest deliveries of ${webhook.name}`}
          columns={[...COLUMNS, replay]}
          rows={deliveries.data ?? []}
          rowKey={({ id }) => id}
          empty={deliveries.isPending ? "Loading …" : "None yet. Send a test to see that the address answers."}
          width="min-w-[44rem]"
        />
      </div>
      <Dialog
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete “${webhook.name}”?`}
        description="Nothing is sent to it any more, and the list of its deliveries is deleted."
      >
        <div className="mt-5 flex gap-2">
          <Button look="primary" disabled={action.isPending} onClick={() => action.mutate({ kind: "delete" }, { onSuccess: () => setDeleting(false) })}>
            Delete the webhook
          </Button>
          <Button onClick={() => setDeleting(false)}>Keep it</Button>
        </div>
      </Dialog>
    </div>
  );
}
