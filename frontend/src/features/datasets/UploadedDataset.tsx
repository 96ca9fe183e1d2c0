// What follows the upload of a data set: its checks, and then an audit with it.
import { Link } from "@tanstack/react-router";
import type { Dataset } from "@/api/model";
import { Button, buttonClass } from "@/ui/Button";
import { IntakeMark } from "@/ui/IntakeMark";
import { ProblemDetails } from "@/ui/Notice";
import { RoleMark } from "@/ui/Role";

interface Props {
  dataset: Dataset;
  onAgain: () => void;
  onClose: () => void;
}

export function UploadedDataset({ dataset, onAgain, onClose }: Props) {
  const { id, project_id: projectId, name, role, state, problem } = dataset;
  const search = role === "public" ? { public: id } : role === "private" ? { private: id } : { gallery: id };
  return (
    <section aria-live="polite" className="border-line mb-6 max-w-2xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">
        {name} <IntakeMark state={state} />
      </h2>
      <div className="text-ink-2 mt-1 text-sm">
        <p>
          <RoleMark of={role} meaning />
        </p>
        {state === "ready" && <p>It passed its checks. Next: use it in an audit.</p>}
        {state === "refused" && problem && <ProblemDetails problem={problem} />}
        {state === "checking" && <p>The file arrived, and its checks run. They go on if you leave this page.</p>}
        {state === "awaiting_upload" && <p>The service fetches the file and checks it. It goes on if you leave this page.</p>}
      </div>
      <div className="mt-4 flex flex-wrap gap-2">
        {state === "ready" && (
          <Link to="/projects/$projectId/audits/new" params={{ projectId }} search={search} className={buttonClass("primary")}>
            New audit with these images
          </Link>
        )}
        <Button onClick={onClose}>Close</Button>
        <Button look="quiet" onClick={onAgain}>
          {state === "refused" ? "Try again" : "Upload another data set"}
        </Button>
      </div>
    </section>
  );
}
