// A time: relative in the text, exact in UTC on hover.
import { exact, relative } from "@/format/dates";

export function When({ at, absolute = false }: { at: string; absolute?: boolean }) {
  return (
    <time dateTime={at} title={exact(at)} className="whitespace-nowrap">
      {absolute ? exact(at) : relative(at)}
    </time>
  );
}
