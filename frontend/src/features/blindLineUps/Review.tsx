// A review: one item after another, until the last is answered.
import { useEffect, useRef, useState } from "react";
import type { BlindLineUp, LineUpNext } from "@/api/model";
import { Question } from "@/features/blindLineUps/Question";
import { useAnswer, useNextItem } from "@/features/blindLineUps/queries";
import { Button } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";

interface Props {
  lineUp: BlindLineUp;
  onLeave: () => void;
}

export function Review({ lineUp, onLeave }: Props) {
  const [shown, setShown] = useState<LineUpNext | null>(null);
  const [grey, setGrey] = useState(false);
  const next = useNextItem(lineUp.id);
  const answer = useAnswer(lineUp.id);
  const load = () =>
    next.mutate(undefined, {
      onSuccess: (found) => {
        if (found.item) setShown(found);
        else onLeave();
      },
    });
  const asked = useRef(false); // an item is logged each time that it is sent
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    load();
  });
  const error = answer.error ?? next.error;
  if (error) {
    const again = () => {
      answer.reset();
      load();
    };
    return <ProblemNotice error={error} actions={<><Button onClick={again}>Show the next item</Button><Button onClick={onLeave}>Leave the review</Button></>} />;
  }
  if (!shown?.item) return <Loading what="the first item" />;
  const { item, answered, items } = shown;
  return (
    <>
      <div className="mb-5 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
        <span className="figures">
          {answered + 1} of {items}
        </span>
        <progress value={answered} max={items} aria-label="Items answered" className="[&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent [&::-moz-progress-bar]:bg-accent bg-line h-1.5 w-24 appearance-none overflow-hidden rounded-full sm:w-40" />
        <Button look="quiet" aria-pressed={grey} onClick={() => setGrey(!grey)}>
          {grey ? "In colour" : "Greyscale"}
        </Button>
        <Button look="quiet" onClick={onLeave}>
          Leave
        </Button>
      </div>
      <Question
        key={item.number}
        item={item}
        place={answered + 1}
        items={items}
        busy={answer.isPending || next.isPending}
        grey={grey}
        onGrey={() => setGrey(!grey)}
        onAnswer={(choice, sure) => answer.mutate({ number: item.number, choice, sure }, { onSuccess: load })}
      />
    </>
  );
}
