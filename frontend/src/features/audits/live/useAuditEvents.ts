// A running audit followed by server-sent events. The browser reconnects with Last-Event-ID.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useReducer, useState } from "react";
import { EVENT_KINDS, fold, type Live, NOTHING_YET, parseEvent } from "@/features/audits/live/events";
import { auditKeys } from "@/features/audits/queries";

export type Connection = "connecting" | "live" | "reconnecting" | "off";

export function useAuditEvents(id: string, running: boolean, after: number): { live: Live; connection: Connection } {
  const queries = useQueryClient();
  const [live, dispatch] = useReducer(fold, NOTHING_YET);
  const [connection, setConnection] = useState<Connection>("connecting");
  const [start] = useState(after);

  useEffect(() => {
    if (!running) return;
    const source = new EventSource(`/api/v1/audits/${id}/events?after=${start}`);
    source.onopen = () => setConnection("live");
    source.onerror = () => setConnection("reconnecting");
    const hear = (message: MessageEvent<string>) => {
      const event = parseEvent(message.data);
      if (!event) return;
      dispatch(event);
      if (event.kind === "audit" || event.kind === "result" || event.kind === "frozen") {
        void queries.invalidateQueries({ queryKey: auditKeys.one(id) });
      }
      if (event.payload.curve) void queries.invalidateQueries({ queryKey: auditKeys.curves(id) });
      if (event.kind === "samples") void queries.invalidateQueries({ queryKey: auditKeys.samples(id) });
    };
    for (const kind of EVENT_KINDS) source.addEventListener(kind, hear);
    return () => source.close();
  }, [id, running, start, queries]);

  return { live, connection: running ? connection : "off" };
}
