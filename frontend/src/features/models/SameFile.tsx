// A file that the project has already, and the choice to go on or to stop.
import type { Release } from "@/api/model";
import { ReleaseLink } from "@/features/models/release/ReleaseLink";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";

interface Props {
  releases: readonly Release[];
  onGoOn: () => void;
  onStop: () => void;
}

export function SameFile({ releases, onGoOn, onStop }: Props) {
  return (
    <div role="alert">
      <Notice
        title="This project has this file already"
        actions={
          <>
            <Button onClick={onGoOn}>Add it as another release</Button>
            <Button look="quiet" onClick={onStop}>
              Do not add it
            </Button>
          </>
        }
      >
        <ul className="space-y-0.5">
          {releases.map((one) => (
            <li key={one.id}>
              It is already{" "}
              <ReleaseLink release={one} className="text-accent underline underline-offset-2">
                release {one.version} of {one.target_name}
              </ReleaseLink>
              .
            </li>
          ))}
        </ul>
        <p className="mt-1">Nothing was sent. Another release of the same file has the same weights, with a description of its own.</p>
      </Notice>
    </div>
  );
}
