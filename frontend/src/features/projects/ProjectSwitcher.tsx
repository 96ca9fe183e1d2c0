// Switches between projects, or makes a new one.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { useCurrentProject } from "@/features/projects/current";
import { NewProjectDialog } from "@/features/projects/NewProject";
import { projectsQuery } from "@/features/projects/queries";
import { Icon } from "@/ui/Icon";

const ITEM =
  "flex items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none data-[highlighted]:bg-hover cursor-pointer";

export function ProjectSwitcher() {
  const { data: projects = [] } = useQuery(projectsQuery);
  const current = useCurrentProject();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const open = (id: string) => void navigate({ to: "/projects/$projectId/audits", params: { projectId: id } });
  return (
    <>
      {/* Not modal: the modal menu locks scrolling by a style element, which the security policy forbids. */}
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className="border-line bg-surface hover:bg-hover flex h-8 w-full min-w-36 items-center justify-between gap-2 rounded-md border px-2.5 text-sm">
          <span className="truncate">
            <span className="sr-only">Project: </span>
            {current?.name ?? "No project"}
          </span>
          <Icon name="chevron" className="text-ink-3 shrink-0" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="start"
            sideOffset={4}
            className="border-line bg-surface shadow-float z-30 max-h-80 min-w-52 overflow-y-auto rounded-lg border p-1"
          >
            {projects.map((project) => (
              <DropdownMenu.Item key={project.id} className={ITEM} onSelect={() => open(project.id)}>
                <Icon name="check" className={project.id === current?.id ? "shrink-0" : "invisible shrink-0"} />
                <span className="truncate">{project.name}</span>
              </DropdownMenu.Item>
            ))}
            {projects.length > 0 && <DropdownMenu.Separator className="bg-line mx-1 my-1 h-px" />}
            <DropdownMenu.Item className={ITEM} onSelect={() => setCreating(true)}>
              <Icon name="plus" /> New project …
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <NewProjectDialog open={creating} onOpenChange={setCreating} onCreated={open} />
    </>
  );
}
