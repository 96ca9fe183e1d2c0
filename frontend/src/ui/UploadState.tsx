// The progress and the problem of an upload, and its buttons.
import { bytes } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";
import type { Upload } from "@/ui/useUpload";

interface State {
  upload: Upload;
  /** What of its problem belongs to no field of the form. */
  error?: unknown;
}

export function UploadState({ upload, error = upload.error }: State) {
  const { progress } = upload;
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
      {error !== null && error !== undefined && <ProblemNotice error={error} title="The file was not uploaded" />}
    </div>
  );
}

interface Buttons {
  upload: Upload;
  /** The service fetches the file from an address. */
  importing?: boolean;
  onClose: () => void;
}

export function UploadButtons({ upload, importing = false, onClose }: Buttons) {
  return (
    <div className="flex gap-2">
      <Button type="submit" look="primary" disabled={upload.running}>
        {importing ? "Fetch and check" : upload.running ? "Uploading …" : "Upload and check"}
      </Button>
      <Button
        onClick={() => {
          upload.stop();
          onClose();
        }}
      >
        {upload.running ? "Stop" : "Close"}
      </Button>
    </div>
  );
}
