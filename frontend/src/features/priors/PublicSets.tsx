// The public data sets that a prior was made from.
import type { Prior } from "@/api/model";
import { DatasetLink } from "@/features/datasets/page/DatasetLink";

export function PublicSets({ prior: { project_id: projectId, public_datasets: sets } }: { prior: Prior }) {
  if (sets.length === 0) return "not recorded";
  return sets.map(({ id, name }, at) => (
    <span key={id}>
      {at > 0 && ", "}
      <DatasetLink dataset={{ id, name, project_id: projectId }} />
    </span>
  ));
}
