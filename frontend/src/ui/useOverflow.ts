// Whether an element has more content than it shows at its width.
import { type RefCallback, useEffect, useState } from "react";

/** The element may come later than the component, or be replaced. */
export function useOverflow<T extends Element>(): [RefCallback<T>, boolean] {
  const [element, ref] = useState<T | null>(null);
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => setOverflows(element.scrollWidth > element.clientWidth));
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, [element]);
  return [ref, overflows];
}
