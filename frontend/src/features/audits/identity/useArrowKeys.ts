// The arrow keys, for the previous and the next of a series.
import { useEffect } from "react";

/** Call `onLeft` and `onRight` for the arrow keys, except in fields and in scrolling regions. */
export function useArrowKeys(onLeft: (() => void) | null, onRight: (() => void) | null): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
      if (target instanceof Element && target.closest("input, select, textarea, [role=region], [role=dialog]")) return;
      if (event.key === "ArrowLeft") onLeft?.();
      if (event.key === "ArrowRight") onRight?.();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onLeft, onRight]);
}
