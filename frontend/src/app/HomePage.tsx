// The start page: leads to the last project, or creates the first project.
import { useQuery } from "@tanstack/react-query";
import { Navigate, useNavigate } from "@tanstack/react-router";
import { NewProjectForm } from "@/features/projects/NewProject";
import { lastProject } from "@/features/projects/current";
import { projectsQuery } from "@/features/projects/queries";
import { CommandLine } from "@/ui/Copy";
import { ProblemNotice } from "@/ui/Notice";
import { Empty, Loading, Page } from "@/ui/Page";

export function HomePage() {
  const projects = useQuery(projectsQuery);
  const navigate = useNavigate();
  if (projects.isError) return <ProblemNotice error={projects.error} />;
  if (projects.isPending) return <Loading what="projects" />;
  const project = lastProject(projects.data);
  if (project) return <Navigate to="/projects/$projectId" params={{ projectId: project.id }} replace />;
  return (
    <Page title="Welcome to Exhume">
      <Empty title="Create the first project">
        <p>
          A project contains the models, data sets and audits of a team. To see a whole audit on bundled data first, run the
          demo. It creates its own project.
        </p>
        <CommandLine label="The demo, about five minutes" command="exhume demo" />
        <NewProjectForm onCreated={(id) => void navigate({ to: "/projects/$projectId", params: { projectId: id } })} />
      </Empty>
    </Page>
  );
}
