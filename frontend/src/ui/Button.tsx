// Buttons, and classes for links that look like them. A page has one primary button.
import type { ComponentProps } from "react";
import { classes } from "@/ui/classes";

export type ButtonLook = "primary" | "secondary" | "quiet";

const BASE =
  "inline-flex items-center justify-center gap-1.5 whitespace-nowrap rounded-md text-sm font-medium transition-colors " +
  "disabled:opacity-50 disabled:cursor-not-allowed aria-disabled:opacity-50";

const LOOKS: Record<ButtonLook, string> = {
  primary: "bg-ink text-page hover:bg-ink-2 h-8 px-3",
  secondary: "border border-line-strong bg-surface hover:bg-hover h-8 px-3",
  quiet: "text-ink-2 hover:bg-hover hover:text-ink h-8 px-2",
};

export function buttonClass(look: ButtonLook = "secondary", extra?: string): string {
  return classes(BASE, LOOKS[look], extra);
}

interface Props extends ComponentProps<"button"> {
  look?: ButtonLook;
}

export function Button({ look = "secondary", className, type = "button", ...rest }: Props) {
  return <button type={type} className={buttonClass(look, className)} {...rest} />;
}
