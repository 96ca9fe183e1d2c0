// A notice while the service does not answer. The page keeps its content.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Icon } from "@/ui/Icon";

function useUnreachable(): boolean {
  const queries = useQueryClient();
  const [unreachable, setUnreachable] = useState(false);
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        if (event.type !== "updated") return;
        if (event.action.type === "success") setUnreachable(false);
        if (event.action.type === "failed" || event.action.type === "error") {
          setUnreachable(event.action.error instanceof TypeError);
        }
      }),
    [queries],
  );
  return unreachable;
}

export function ServiceState() {
  const unreachable = useUnreachable();
  return (
    <div role="status">
      {unreachable && (
        <p className="border-line bg-sunken flex items-center gap-2 border-b px-5 py-2 text-sm sm:px-8">
          <Icon name="notice" />
          <span>
            The service does not answer. This page keeps its content and tries again. Is{" "}
            <code className="font-mono text-xs">exhume up</code> running?
          </span>
        </p>
      )}
    </div>
  );
}
