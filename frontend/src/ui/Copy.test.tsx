import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { shownCommand } from "@/testing/shownCommand";
import { CommandLine } from "@/ui/Copy";

it("breaks the lines of a command between its arguments, not inside quotes or after a hyphen", () => {
  const command = 'exhume schedule create nightly --cron "0 3 * * *" \\\n  --declared-by YOU';
  render(<CommandLine command={command} />);
  expect(screen.getByText(shownCommand(command))).toBeVisible();
  for (const whole of ['"0 3 * * *" \\', "--declared-by"]) expect(screen.getByText(whole)).toHaveClass("inline-block");
});
