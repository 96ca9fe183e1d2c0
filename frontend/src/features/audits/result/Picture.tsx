// An image of the line-up: covered by the server, or the original once a purpose is stated.
//
// The original is fetched once, with one entry in the audit log. It is drawn on a canvas and
// stored nowhere.
import { useEffect, useRef, useState } from "react";
import { ApiError, type Problem, problemFrom, problemOf } from "@/api/problem";

interface Props {
  address: string | null;
  label: string;
  missing: string;
  purpose: string | null;
  onRefused: (problem: Problem) => void;
  /** Width divided by height of the frame. */
  ratio?: number;
}

const FRAME = "bg-sunken relative min-w-0 flex-1 overflow-hidden rounded-sm";

export function Picture({ address, label, missing, purpose, onRefused, ratio = 1 }: Props) {
  const [gone, setGone] = useState(false);
  if (!address || gone) {
    return (
      <div className={FRAME} style={{ aspectRatio: ratio }}>
        <span className="text-ink-3 absolute inset-0 flex items-center justify-center p-2 text-center text-xs">
          {address ? "Not available" : missing}
        </span>
      </div>
    );
  }
  return (
    <div className={FRAME} style={{ aspectRatio: ratio }}>
      {purpose === null ? (
        <img
          src={address}
          alt={`${label}, covered`}
          loading="lazy"
          draggable={false}
          onError={() => setGone(true)}
          className="absolute inset-0 size-full object-contain"
        />
      ) : (
        <Original
          key={purpose}
          address={address}
          label={label}
          purpose={purpose}
          onGone={() => setGone(true)}
          onRefused={onRefused}
        />
      )}
    </div>
  );
}

async function fetchOriginal(address: string, purpose: string, signal: AbortSignal): Promise<ImageBitmap> {
  const query = new URLSearchParams({ original: "true", purpose });
  const answer = await fetch(`${address}?${query.toString()}`, { signal, cache: "no-store", credentials: "same-origin" });
  if (!answer.ok) {
    const body: unknown = await answer.json().catch(() => null);
    throw new ApiError(answer.status, problemFrom(answer.status, body));
  }
  return createImageBitmap(await answer.blob());
}

interface OriginalProps {
  address: string;
  label: string;
  purpose: string;
  onGone: () => void;
  onRefused: (problem: Problem) => void;
}

function Original({ address, label, purpose, onGone, onRefused }: OriginalProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const callbacks = useRef({ onGone, onRefused });
  useEffect(() => {
    callbacks.current = { onGone, onRefused };
  });
  useEffect(() => {
    const stop = new AbortController();
    // The delay keeps an effect that is undone at once (a quick "Cover again") out of the audit
    // log.
    const timer = setTimeout(() => {
      fetchOriginal(address, purpose, stop.signal).then(
        (bitmap) => draw(canvas.current, bitmap),
        (error: unknown) => {
          if (stop.signal.aborted) return;
          const problem = problemOf(error);
          if (problem.status === 404 || problem.status === 410) callbacks.current.onGone();
          else callbacks.current.onRefused(problem);
        },
      );
    }, 50);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [address, purpose]);
  return (
    <canvas
      ref={canvas}
      width={1}
      height={1}
      role="img"
      aria-label={label}
      className="picture absolute inset-0 size-full object-contain"
    />
  );
}

function draw(canvas: HTMLCanvasElement | null, bitmap: ImageBitmap): void {
  if (!canvas) return;
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
}
