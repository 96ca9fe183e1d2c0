// The project of the navigation: from the address, else from the open audit, else the last one.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Project } from "@/api/model";
import { auditQuery } from "@/features/audits/queries";
import { projectsQuery } from "@/features/projects/queries";

const KEY = "exhume.project";

export function lastProject(projects: readonly Project[]): Project | null {
  const last = localStorage.getItem(KEY);
  return projects.find((project) => project.id === last) ?? projects[0] ?? null;
}

export function useCurrentProject(): Project | null {
  const params = useParams({ strict: false });
  const { data: projects } = useQuery(projectsQuery);
  const { data: audit } = useQuery({ ...auditQuery(params.auditId ?? ""), enabled: params.auditId !== undefined });
  const id = params.projectId ?? audit?.project_id;
  const current = id ? (projects?.find((project) => project.id === id) ?? null) : lastProject(projects ?? []);
  useEffect(() => {
    if (current) localStorage.setItem(KEY, current.id);
  }, [current]);
  return current;
}
