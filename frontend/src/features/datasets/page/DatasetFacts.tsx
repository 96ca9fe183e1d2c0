// Counts, sizes, digests and origin of a data set.
import type { DatasetInFull } from "@/api/model";
import { identityCount } from "@/features/datasets/identityCount";
import { Who } from "@/features/log/Who";
import { bytes, count } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import { Fact, Facts } from "@/ui/Facts";
import { When } from "@/ui/When";

const FIRST = 40;

export function DatasetFacts({ dataset }: { dataset: DatasetInFull }) {
  const { images, height, width, channels, identities, origin, digest, images_digest: pixels, sha256 } = dataset;
  return (
    <>
      <Facts>
        <Fact name="Images">{count(images)}</Fact>
        <Fact name="Identities">{identityCount(dataset)}</Fact>
        <Fact name="Size, px">{height === null ? "–" : `${height} × ${width ?? "?"} × ${channels ?? "?"}`}</Fact>
        <Fact name="Uploaded">{bytes(dataset.size_bytes)}</Fact>
        <Fact name="Digest of images, labels, split and names">{digest ? <Digest digest={digest} /> : "–"}</Fact>
        <Fact name="Digest of the images">{pixels ? <Digest digest={pixels} /> : "–"}</Fact>
        <Fact name="SHA-256 of the uploaded file">{sha256 ? <Digest digest={sha256} /> : "–"}</Fact>
        <Fact name="Origin">
          {origin ? (
            <>
              {origin.address === null ? "Sent" : <>Fetched from <span className="break-all">{origin.address}</span></>} by <Who actor={origin.by} />, <When at={origin.at} absolute />
            </>
          ) : (
            "not recorded"
          )}
        </Fact>
      </Facts>
      {identities !== null && dataset.identity_count !== null && (
        <details className="mt-3 text-sm">
          <summary className="text-ink-2 cursor-pointer py-1">The identities, by label</summary>
          <p className="text-ink-2 mt-1 max-w-[86ch] break-words">
            {identities.slice(0, FIRST).join(", ")}
            {identities.length > FIRST && ` and ${count(identities.length - FIRST)} more. exhume dataset show prints all.`}
          </p>
        </details>
      )}
    </>
  );
}
