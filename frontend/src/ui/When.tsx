// An instant: relative for reading, exact in UTC on hover and for machines.
import { exact, relative } from "@/format/dates";

export function When({ at, absolute = false }: { at: string; absolute?: boolean }) {
  return (
    <time dateTime={at} title={exact(at)} className="whitespace-nowrap">
      {absolute ? exact(at) : relative(at)}
    </time>
  );
}
