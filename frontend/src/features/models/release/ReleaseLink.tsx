// A link to the page of a release.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface Props {
  release: { id: string; project_id: string };
  className?: string;
  children: ReactNode;
}

export function ReleaseLink({ release, className = "rounded-sm underline-offset-2 hover:underline", children }: Props) {
  return (
    <Link to="/projects/$projectId/releases/$releaseId" params={{ projectId: release.project_id, releaseId: release.id }} className={className} preload={false}>
      {children}
    </Link>
  );
}
