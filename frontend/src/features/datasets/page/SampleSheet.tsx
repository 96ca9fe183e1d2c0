// A sheet of images of a data set, covered until somebody states a purpose.
import type { DatasetInFull } from "@/api/model";
import { RevealedPicture, Reveals } from "@/features/audits/identity/Reveals";
import { SHOWN } from "@/features/datasets/page/words";
import { count } from "@/format/numbers";

const MOST = 64;

export function SampleSheet({ dataset }: { dataset: DatasetInFull }) {
  const images = Math.min(MOST, dataset.images ?? 0);
  if (dataset.state === "checking") return <p className="text-ink-2 text-sm">Its images are shown here after the check.</p>;
  if (dataset.state !== "ready" || images === 0) return <p className="text-ink-2 text-sm">No images are kept.</p>;
  return (
    <Reveals deleted={false} deletedAt={null} images={images} description={SHOWN[dataset.role]}>
      <RevealedPicture
        address={`/api/v1/datasets/${dataset.id}/samples/image`}
        label={`${count(images)} images of ${dataset.name}`}
        missing="Not available"
        className="w-full max-w-xl"
      />
      <p className="text-ink-2 mt-2 max-w-[68ch] text-sm">
        {count(images)} of {count(dataset.images)} images, at equal distances in the set.
        {dataset.role === "private" && " They are not shown while an audit attacks them."}
      </p>
    </Reveals>
  );
}
