// Yes, no, or not measured, with an icon.
import { Icon } from "@/ui/Icon";

export function YesNo({ value, yes = "yes" }: { value: boolean | null; yes?: string }) {
  if (value === null) return <span className="text-ink-3">–</span>;
  return (
    <span className={`inline-flex items-center gap-1.5 align-bottom ${value ? "text-ink font-medium" : "text-ink-3"}`}>
      <Icon name={value ? "check" : "cross"} className="size-3.5 shrink-0" />
      {value ? yes : "no"}
    </span>
  );
}
