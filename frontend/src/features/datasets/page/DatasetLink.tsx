// A link to the page of a data set.
import { Link } from "@tanstack/react-router";

export function DatasetLink({ dataset: { id, project_id: projectId, name } }: { dataset: { id: string; project_id: string; name: string } }) {
  return (
    <Link to="/projects/$projectId/datasets/$datasetId" params={{ projectId, datasetId: id }} title={name} className="rounded-sm underline-offset-2 hover:underline" preload={false}>
      {name}
    </Link>
  );
}
