import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import { Dialog } from "@/ui/Dialog";

/** Opens the dialog by its property, or by putting it on the page. */
function Asking({ kept }: { kept: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button onClick={() => setOpen(true)}>Ask</button>
      {(kept || open) && (
        <Dialog open={open} onOpenChange={setOpen} title="Sure?" description="It cannot be undone.">
          <button onClick={() => setOpen(false)}>No</button>
        </Dialog>
      )}
    </>
  );
}

it.each([true, false])("gives the focus back to what opened it (kept on the page: %s)", async (kept) => {
  render(<Asking kept={kept} />);
  const ask = screen.getByRole("button", { name: "Ask" });
  for (const leave of [() => userEvent.keyboard("{Escape}"), () => userEvent.click(screen.getByRole("button", { name: "No" }))]) {
    await userEvent.click(ask);
    expect(screen.getByRole("button", { name: "No" })).toHaveFocus();
    await leave();
    await expect.poll(() => document.activeElement).toBe(ask);
  }
});
