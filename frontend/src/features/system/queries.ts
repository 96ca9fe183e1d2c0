// The query of the installation.
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";

export const systemKeys = {
  overview: () => ["system"] as const,
};

export const systemQuery = queryOptions({
  queryKey: systemKeys.overview(),
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/system", { signal })),
  refetchInterval: 5000,
});
