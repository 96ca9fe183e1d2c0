// One upload at a time: its progress, its problem, and a way to stop it.
import { useRef, useState } from "react";
import { send, type UploadProgress } from "@/api/upload";

type Work = (report: (progress: UploadProgress) => void, signal: AbortSignal) => Promise<void>;

export interface Upload {
  running: boolean;
  progress: UploadProgress | null;
  error: unknown;
  run: (work: Work) => Promise<void>;
  stop: () => void;
  send: typeof send;
}

export function useUpload(): Upload {
  const [running, setRunning] = useState(false);
  const [progress, setProgress] = useState<UploadProgress | null>(null);
  const [error, setError] = useState<unknown>(null);
  const controller = useRef<AbortController | null>(null);
  const run = async (work: Work) => {
    const own = new AbortController();
    controller.current = own;
    setRunning(true);
    setError(null);
    try {
      await work(setProgress, own.signal);
    } catch (failure) {
      if (!own.signal.aborted) setError(failure);
    } finally {
      setRunning(false);
      setProgress(null);
    }
  };
  return { running, progress, error, run, stop: () => controller.current?.abort(), send };
}
