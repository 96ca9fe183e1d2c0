// Whether the window is as narrow as that of a phone: below Tailwind's `sm`.
import { useSyncExternalStore } from "react";

const query = () => matchMedia("(max-width: 39.99rem)");

function subscribe(changed: () => void): () => void {
  const small = query();
  small.addEventListener("change", changed);
  return () => small.removeEventListener("change", changed);
}

export const useSmallScreen = (): boolean => useSyncExternalStore(subscribe, () => query().matches);
