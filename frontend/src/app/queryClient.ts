// The query client. It retries temporary failures, but not requests that the service rejected. A
// lost session leads to sign-in.
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/problem";

export function createQueryClient(onSignedOut: () => void): QueryClient {
  const watch = (error: unknown) => {
    if (error instanceof ApiError && error.status === 401) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: watch }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _context, mutation) => {
        if (mutation.meta?.signingIn !== true) watch(error);
      },
    }),
    defaultOptions: {
      queries: {
        networkMode: "always", // the service is usually on this machine and answers without a network
        staleTime: 5_000,
        retry: (failures, error) => {
          if (error instanceof ApiError) return error.status >= 500 && failures < 3;
          return failures < 30;
        },
        retryDelay: (attempt) => Math.min(1000 * 1.6 ** attempt, 8000),
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}
