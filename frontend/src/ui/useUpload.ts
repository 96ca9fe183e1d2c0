// One upload: its progress, its problem, and functions to pause and stop it.
import { useRef, useState } from "react";
import { type Control, send, type UploadProgress } from "@/api/upload";

type Report = (progress: UploadProgress) => void;
type Send = (subject: string, file: File, digest: string) => Promise<void>;
type Work = (report: Report, signal: AbortSignal, send: Send) => Promise<void>;

export interface Upload {
  running: boolean;
  paused: boolean;
  progress: UploadProgress | null;
  error: unknown;
  run: (work: Work) => Promise<void>;
  stop: () => void;
  /** Null unless bytes are being sent. */
  pause: (() => void) | null;
  resume: (() => void) | null;
}

export function useUpload(): Upload {
  const [running, setRunning] = useState(false);
  const [paused, setPaused] = useState(false);
  const [progress, setProgress] = useState<UploadProgress | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [control, setControl] = useState<Control | null>(null);
  const controller = useRef<AbortController | null>(null);
  const run = async (work: Work) => {
    const own = new AbortController();
    controller.current = own;
    setRunning(true);
    setError(null);
    try {
      await work(setProgress, own.signal, (subject, file, digest) => send(subject, file, digest, setProgress, own.signal, setControl));
    } catch (failure) {
      if (!own.signal.aborted) setError(failure);
    } finally {
      setRunning(false);
      setPaused(false);
      setProgress(null);
    }
  };
  const pause = () => {
    control?.pause();
    setPaused(true);
  };
  const resume = () => {
    setPaused(false);
    control?.resume();
  };
  const stop = () => controller.current?.abort();
  return { running, paused, progress, error, run, stop, pause: control && !paused ? pause : null, resume: control && paused ? resume : null };
}
