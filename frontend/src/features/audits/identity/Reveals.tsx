// Pictures that are revealed one by one. The purpose is asked for once on a page, and the audit log
// gets one entry for each, also for a sheet of many images.
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useMemo, useState } from "react";
import type { Problem } from "@/api/problem";
import { Picture } from "@/features/audits/result/Picture";
import { RevealDialog } from "@/features/audits/result/RevealDialog";
import { sessionQuery } from "@/features/session/queries";
import { Icon } from "@/ui/Icon";
import { Notice, ProblemDetails } from "@/ui/Notice";

interface State {
  purpose: string | null;
  shown: ReadonlySet<string>;
  deleted: boolean;
  ask: (address: string) => void;
  cover: (address: string) => void;
  refuse: (problem: Problem) => void;
}

const Context = createContext<State | null>(null);

interface Props {
  /** The pictures were deleted, so none is asked for. */
  deleted: boolean;
  /** When they are deleted. Null: with their data set, or what `keptWith` names. */
  deletedAt: string | null;
  keptWith?: string;
  /** The number of images on a sheet, which one reveal shows. */
  images?: number;
  /** What the images are, in the dialog. */
  description?: string;
  children: ReactNode;
}

export function Reveals({ deleted, deletedAt, keptWith, images, description, children }: Props) {
  const { data: session } = useQuery(sessionQuery);
  const [purpose, setPurpose] = useState<string | null>(null);
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const state = useMemo<State>(
    () => ({
      purpose,
      shown,
      deleted,
      ask: (address) => (purpose === null ? setAsking(address) : setShown((old) => new Set([...old, address]))),
      cover: (address) => setShown((old) => new Set([...old].filter((one) => one !== address))),
      refuse: (problem) => {
        setShown(new Set());
        setPurpose(null);
        setRefusal(problem);
      },
    }),
    [purpose, shown, deleted],
  );
  return (
    <Context value={state}>
      {refusal && (
        <div role="alert" className="mt-6">
          <Notice title={refusal.status === 403 ? "Your key cannot reveal images" : refusal.title}>
            <ProblemDetails problem={refusal} />
          </Notice>
        </div>
      )}
      {children}
      <RevealDialog
        open={asking !== null}
        onOpenChange={(open) => !open && setAsking(null)}
        images={images ?? 1}
        sheet={images !== undefined}
        deletedAt={deletedAt}
        {...(keptWith === undefined ? {} : { keptWith })}
        {...(description === undefined ? {} : { description })}
        who={session?.subject}
        onReveal={(why) => {
          setRefusal(null);
          setPurpose(why);
          if (asking !== null) setShown((old) => new Set([...old, asking]));
          setAsking(null);
        }}
      />
    </Context>
  );
}

interface PictureProps {
  /** Null where there is no picture. */
  address: string | null;
  label: string;
  missing: string;
  className?: string;
  ratio?: number;
}

/** A picture that is covered until it is revealed by its own button. */
export function RevealedPicture({ address, label, missing, className, ratio = 1 }: PictureProps) {
  const state = use(Context);
  if (state === null) throw new Error("a picture is revealed within <Reveals>");
  const there = address !== null && !state.deleted;
  const open = there && state.shown.has(address);
  return (
    <div className={className ?? "w-32"}>
      <div className="flex">
        <Picture
          address={there ? address : null}
          label={label}
          missing={state.deleted ? "Deleted" : missing}
          purpose={open ? state.purpose : null}
          onRefused={state.refuse}
          ratio={ratio}
        />
      </div>
      {there && (
        <button
          type="button"
          onClick={() => (open ? state.cover(address) : state.ask(address))}
          aria-label={`${open ? "Cover" : "Reveal"}: ${label}`}
          className="text-ink-2 hover:bg-hover hover:text-ink mt-1 inline-flex h-7 items-center gap-1.5 rounded-md px-1.5 text-xs whitespace-nowrap"
        >
          <Icon name={open ? "hidden" : "eye"} className="size-3.5 shrink-0" /> {open ? "Cover" : "Reveal …"}
        </button>
      )}
    </div>
  );
}
