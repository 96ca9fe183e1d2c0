// What follows the upload of a release: its checks, and then an audit.
import { Link } from "@tanstack/react-router";
import type { Release } from "@/api/model";
import { Button, buttonClass } from "@/ui/Button";
import { IntakeMark } from "@/ui/IntakeMark";
import { ProblemDetails } from "@/ui/Notice";

interface Props {
  release: Release;
  onAgain: () => void;
  onClose: () => void;
}

export function UploadedRelease({ release, onAgain, onClose }: Props) {
  const { id, project_id: projectId, state, target_name, version, problem } = release;
  return (
    <section aria-live="polite" className="border-line mb-10 max-w-2xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">
        {target_name} {version} <IntakeMark state={state} />
      </h2>
      <div className="text-ink-2 mt-1 text-sm">
        {state === "ready" && <p>It passed its checks. Next: audit it.</p>}
        {state === "refused" && problem && <ProblemDetails problem={problem} />}
        {state === "checking" && <p>The file arrived, and its checks run. They go on if you leave this page.</p>}
        {state === "awaiting_upload" && <p>The service fetches the file and checks it. It goes on if you leave this page.</p>}
      </div>
      <div className="mt-4 flex flex-wrap gap-2">
        {state === "ready" && (
          <Link to="/projects/$projectId/audits/new" params={{ projectId }} search={{ release: id }} className={buttonClass("primary")}>
            Audit this release
          </Link>
        )}
        <Button onClick={onClose}>Open the release</Button>
        <Button look="quiet" onClick={onAgain}>
          {state === "refused" ? "Try again" : "Upload another release"}
        </Button>
      </div>
    </section>
  );
}
