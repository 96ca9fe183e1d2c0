// Samples of a prior. They are not covered, because it was made from public images.
import { useState } from "react";
import type { Prior } from "@/api/model";
import { classes } from "@/ui/classes";

export function PriorSheet({ prior, className }: { prior: Prior; className: string }) {
  const [gone, setGone] = useState(false);
  return (
    <div className={classes("bg-sunken flex shrink-0 items-center justify-center rounded-sm", className)}>
      {gone ? (
        <span className="text-ink-3 p-1 text-center text-xs">No samples kept</span>
      ) : (
        <img
          src={`/api/v1/priors/${prior.id}/samples/image`}
          alt={`Sixteen samples of a prior of kind ${prior.kind}, four by four`}
          loading="lazy"
          onError={() => setGone(true)}
          className="picture size-full object-contain"
        />
      )}
    </div>
  );
}
