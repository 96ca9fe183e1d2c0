// A share that somebody gave, such as the budget, as it was given.
import { givenShare } from "@/format/numbers";

interface Props {
  /** In the result, or in the audit after `audit.`. */
  path: string;
  value: number;
}

export function Given({ path, value }: Props) {
  return (
    <span data-figure={path} data-part="value">
      {givenShare(value)}
    </span>
  );
}
