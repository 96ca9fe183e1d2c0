import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { Listing } from "@/features/datasets/zipListing";
import { projects, session, system } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const read = vi.hoisted(() => new Map<string, (found: Listing) => void>());
vi.mock("@/features/datasets/zipListing", () => ({
  listingOf: ({ name }: File) => new Promise<Listing>((resolve) => read.set(name, resolve)),
}));

it("shows the contents of the file that is chosen, and not those of an earlier one that was read later", async () => {
  const project = projects[0]?.id ?? "";
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /projects/${project}/datasets`]: page([]),
    [`GET /projects/${project}/uploads`]: page([]),
    "GET /system": { body: system },
  });
  renderAt(`/projects/${project}/datasets?add=true`);
  const field = await screen.findByLabelText("Images");
  for (const name of ["large.zip", "small.zip"]) await userEvent.upload(field, new File(["PK"], name));
  const found = (name: string, listing: Listing) => act(() => Promise.resolve(read.get(name)?.(listing)));
  await found("large.zip", { images: 9000, folders: 90 });
  expect(screen.queryByText(/The file lists/)).toBeNull();
  await found("small.zip", { images: 3, folders: 2 });
  expect(screen.getByText("The file lists 3 images in 2 folders.")).toBeVisible();
});
