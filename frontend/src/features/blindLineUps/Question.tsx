// One item of a review: the picture, its candidates, and the answer. All by keyboard or by touch.
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { LineUpItem } from "@/api/model";
import { actionOf, KEYS, NONE_OF_THESE } from "@/features/blindLineUps/keyboard";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";

interface Props {
  item: LineUpItem;
  /** Place of the item in the review, from 1. */
  place: number;
  items: number;
  busy: boolean;
  grey: boolean;
  onGrey: () => void;
  onAnswer: (choice: number, sure: boolean) => void;
}

const TILE = "picture bg-sunken block aspect-square w-full object-contain";

/** Mount it anew for each item, so that nothing is chosen. */
export function Question({ item, place, items, busy, grey, onGrey, onAnswer }: Props) {
  const [choice, setChoice] = useState<number | null>(null);
  const [sure, setSure] = useState(true);
  const form = useRef<HTMLFormElement>(null);
  const confirm = () => {
    if (choice !== null && !busy) onAnswer(choice, sure);
  };
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const action = actionOf(event, item.candidates.length);
    const on = event.target;
    const elsewhere = on instanceof HTMLElement && !form.current?.contains(on) && on !== document.body;
    if (action === null || (elsewhere && (action === "confirm" || on.matches("input, textarea, select")))) return;
    event.preventDefault();
    if (action === "confirm") confirm();
    else if (action === "unsure") setSure(!sure);
    else if (action === "grey") onGrey();
    else setChoice(action.choose);
  });
  useEffect(() => {
    form.current?.focus({ preventScroll: true });
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const chosen = choice === null ? "" : `${choice === NONE_OF_THESE ? "None of these" : `Candidate ${choice}`}${sure ? "" : ", unsure"} chosen.`;
  return (
    <form
      ref={form}
      tabIndex={-1}
      aria-label={`Item ${place} of ${items}`}
      aria-busy={busy}
      className="outline-none"
      onSubmit={(event) => {
        event.preventDefault();
        confirm();
      }}
    >
      <p role="status" className="sr-only">
        {busy ? "" : `Item ${place} of ${items}. ${chosen}`}
      </p>
      <fieldset disabled={busy} className={classes("grid gap-x-10 gap-y-4 sm:grid-cols-[minmax(0,15rem)_minmax(0,1fr)]", grey && "grayscale")}>
        <legend className="mb-3 text-lg font-semibold">Whom does this picture show?</legend>
        <div className="mx-auto w-40 sm:mx-0 sm:w-full">
          <img src={item.picture} alt="Who is this?" draggable={false} className={classes(TILE, "rounded-md")} />
        </div>
        <div className="min-w-0 max-w-xl">
          <div className="grid grid-cols-3 gap-2 sm:gap-3">
            {item.candidates.map((picture, index) => (
              <Choice key={index} number={index + 1} name={`Candidate ${index + 1}`} chosen={choice} onChoose={setChoice}>
                <img src={picture} alt="" draggable={false} className={TILE} />
                <Key>{index + 1}</Key>
              </Choice>
            ))}
          </div>
          <div className="mt-3 flex flex-wrap items-center gap-x-6 gap-y-3">
            <Choice number={NONE_OF_THESE} name="None of these" chosen={choice} onChoose={setChoice} wide>
              <Key>0</Key> None of these
            </Choice>
            <label className="flex cursor-pointer items-center gap-2 text-sm">
              <input type="checkbox" checked={!sure} onChange={() => setSure(!sure)} className="accent-accent size-4" /> Unsure
            </label>
            <Button type="submit" look="primary" className="ml-auto" disabled={choice === null || busy}>
              Confirm
            </Button>
          </div>
        </div>
      </fieldset>
      <p className="text-ink-3 mt-6 hidden text-xs sm:block">
        <kbd>1</kbd> to <kbd>{item.candidates.length}</kbd> a candidate
        {KEYS.map(([keys, does]) => (
          <span key={keys}>
            {" · "}
            <kbd>{keys}</kbd> {does}
          </span>
        ))}
        . An answer is final.
      </p>
    </form>
  );
}

function Key({ children }: { children: React.ReactNode }) {
  return <kbd className="figures text-ink-2 block px-1.5 py-1 text-center text-sm">{children}</kbd>;
}

interface ChoiceProps {
  number: number;
  name: string;
  chosen: number | null;
  onChoose: (number: number) => void;
  wide?: boolean;
  children: React.ReactNode;
}

function Choice({ number, name, chosen, onChoose, wide = false, children }: ChoiceProps) {
  return (
    <label
      className={classes(
        "border-line-strong relative block cursor-pointer overflow-hidden rounded-md border select-none",
        "has-checked:border-accent has-checked:outline-accent has-checked:outline-2 has-focus-visible:outline-2",
        wide && "flex items-center gap-1 py-0.5 pr-3 pl-1 text-sm",
      )}
    >
      <input type="radio" name="choice" value={number} aria-label={name} checked={chosen === number} onChange={() => onChoose(number)} className="absolute size-px opacity-0" />
      {children}
    </label>
  );
}
