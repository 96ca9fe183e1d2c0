// The progress of an upload, and its problem.
import { bytes } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";
import type { Upload } from "@/ui/useUpload";

export function UploadState({ upload }: { upload: Upload }) {
  const { progress, error } = upload;
  return (
    <div aria-live="polite">
      {progress && (
        <>
          <p className="figures text-ink-2 mb-1 text-sm">
            {upload.paused ? "Paused" : progress.phase === "hashing" ? "Computing the SHA-256" : "Sending"}: {bytes(progress.done)} of {bytes(progress.total)}
          </p>
          <progress
            max={Math.max(1, progress.total)}
            value={progress.done}
            aria-label={progress.phase === "hashing" ? "Computing the SHA-256" : "Sending"}
            className="accent-accent h-1.5 w-full"
          />
          {upload.pause && (
            <Button look="quiet" onClick={upload.pause}>
              Pause
            </Button>
          )}
          {upload.resume && (
            <Button look="quiet" onClick={upload.resume}>
              Resume
            </Button>
          )}
        </>
      )}
      {error !== null && <ProblemNotice error={error} title="Not uploaded" />}
    </div>
  );
}
