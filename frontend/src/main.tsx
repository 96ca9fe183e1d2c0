// Starts the dashboard.
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Tooltip } from "radix-ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "@/app/queryClient";
import { createAppRouter } from "@/app/router";
import { leadToSignIn } from "@/app/signedOut";
import { followSystemTheme } from "@/app/theme";
import "@/styles.css";

const queries = createQueryClient(() => leadToSignIn(router, queries));
const router = createAppRouter(queries);

followSystemTheme();

const place = document.getElementById("root");
if (!place) throw new Error("index.html has no #root");
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Tooltip.Provider>
        <RouterProvider router={router} />
      </Tooltip.Provider>
    </QueryClientProvider>
  </StrictMode>,
);
