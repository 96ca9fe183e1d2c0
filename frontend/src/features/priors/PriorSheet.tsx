// Samples of a prior as the service shows them: a cover if it learned the answers of a release.
import { useState } from "react";
import type { Prior } from "@/api/model";
import { classes } from "@/ui/classes";

export function samplesOf({ kind }: Prior): string {
  return `Sixteen samples of a prior of kind ${kind}, four by four`;
}

export function PriorSheet({ prior, className }: { prior: Prior; className: string }) {
  const [gone, setGone] = useState(false);
  return (
    <div className={classes("bg-sunken flex shrink-0 items-center justify-center rounded-sm", className)}>
      {gone ? (
        <span className="text-ink-3 p-1 text-center text-xs">No samples kept</span>
      ) : (
        <img
          src={`/api/v1/priors/${prior.id}/samples/image`}
          alt={`${samplesOf(prior)}${prior.covered ? ", covered" : ""}`}
          loading="lazy"
          onError={() => setGone(true)}
          className="picture size-full object-contain"
        />
      )}
    </div>
  );
}
