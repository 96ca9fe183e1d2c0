import { expect, it } from "vitest";
import { listingOf } from "@/features/datasets/zipListing";

/** Return a ZIP of these names with a table of contents alone. */
function zip(names: readonly string[], comment = ""): Blob {
  const entries = names.map((name) => {
    const bytes = new TextEncoder().encode(name);
    const entry = new Uint8Array(46 + bytes.length);
    new DataView(entry.buffer).setUint32(0, 0x02014b50, true);
    new DataView(entry.buffer).setUint16(28, bytes.length, true);
    entry.set(bytes, 46);
    return entry;
  });
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint32(12, entries.reduce((sum, one) => sum + one.length, 0), true);
  end.setUint32(16, 3, true);
  end.setUint16(20, comment.length, true);
  return new Blob(["PK.", ...entries, end.buffer, comment]);
}

it("counts images and their folders, and leaves out what systems add", async () => {
  const names = ["ada/", "ada/1.png", "ada/2.JPG", "grace/1.jpeg", "notes.txt", "__MACOSX/ada/1.png", "grace/.thumb.png"];
  expect(await listingOf(zip(names))).toEqual({ images: 3, folders: 2 });
  expect(await listingOf(zip(names, "a comment at the end"))).toEqual({ images: 3, folders: 2 });
  expect(await listingOf(zip(["1.png", "2.png"]))).toEqual({ images: 2, folders: 1 });
});

it("says nothing about a file whose table it cannot read", async () => {
  expect(await listingOf(new Blob(["not a ZIP"]))).toBeNull();
  const whole = new Uint8Array(await zip(["ada/1.png"]).arrayBuffer());
  new DataView(whole.buffer).setUint32(whole.length - 6, 0xffffffff, true); // ZIP64
  expect(await listingOf(new Blob([whole]))).toBeNull();
});
