// Text that is cut where it does not fit. A click, a tap or a key shows all of it.
import { useEffect, useRef, useState } from "react";
import { classes } from "@/ui/classes";

interface Props {
  children: string;
  /** Lines that are shown before the cut. */
  lines?: 1 | 2;
  className?: string;
}

export function CutText({ children: text, lines = 1, className }: Props) {
  const content = useRef<HTMLSpanElement>(null);
  const [cut, setCut] = useState(false);
  const [whole, setWhole] = useState(false);
  useEffect(() => {
    const element = content.current;
    if (!element || whole || typeof ResizeObserver === "undefined") return;
    const measure = () => setCut(element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight + 1);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [text, whole, cut]);
  const shown = (
    <span ref={content} className={whole ? "block break-words whitespace-normal" : lines === 1 ? "block truncate" : "line-clamp-2 break-words"}>
      {text}
    </span>
  );
  if (!cut) return <span className={classes("block max-w-full min-w-0", className)}>{shown}</span>;
  return (
    <button
      type="button"
      aria-expanded={whole}
      title={whole ? undefined : text}
      onClick={() => setWhole(!whole)}
      className={classes("relative z-10 block w-full max-w-full min-w-0 cursor-pointer rounded-sm text-left", className)}
    >
      {shown}
    </button>
  );
}
