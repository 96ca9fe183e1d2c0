// The table of contents of a ZIP, read in the browser before the file is sent.

export interface Listing {
  images: number;
  /** Folders with images. Each is a class. */
  folders: number;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const TAIL = 22 + 65_535;
const MOST = 64 * 1024 * 1024;
const IMAGE = /\.(png|jpe?g|bmp|gif|tiff?|webp|pgm|ppm)$/i;

/** Return how many images a ZIP lists, or null if its table cannot be read here, as in ZIP64. */
export async function listingOf(file: Blob): Promise<Listing | null> {
  const start = Math.max(0, file.size - TAIL);
  const tail = await viewOf(file.slice(start));
  for (let at = tail.byteLength - 22; at >= 0; at -= 1) {
    if (tail.getUint32(at, true) !== END) continue;
    const [size, offset] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
    if (offset + size > file.size || size > MOST) return null;
    return counted(await viewOf(file.slice(offset, offset + size)));
  }
  return null;
}

async function viewOf(piece: Blob): Promise<DataView> {
  return new DataView(await piece.arrayBuffer());
}

function counted(table: DataView): Listing | null {
  const folders = new Set<string>();
  let images = 0;
  for (let at = 0; at + 46 <= table.byteLength; ) {
    if (table.getUint32(at, true) !== ENTRY) return null;
    const [name, extra, comment] = [28, 30, 32].map((field) => table.getUint16(at + field, true)) as [number, number, number];
    if (at + 46 + name > table.byteLength) return null;
    const path = new TextDecoder().decode(new Uint8Array(table.buffer, table.byteOffset + at + 46, name));
    at += 46 + name + extra + comment;
    if (!IMAGE.test(path) || /(^|\/)(__MACOSX\/|\.)/.test(path)) continue;
    images += 1;
    folders.add(path.slice(0, path.lastIndexOf("/") + 1));
  }
  return { images, folders: folders.size };
}
