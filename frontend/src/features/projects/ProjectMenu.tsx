// The menu of projects. It is loaded when somebody opens it, so that the first page does not wait
// for it.
import { useNavigate } from "@tanstack/react-router";
import { DropdownMenu } from "radix-ui";
import { type ReactElement, useState } from "react";
import type { Project } from "@/api/model";
import { NewProjectDialog } from "@/features/projects/NewProject";
import { Icon } from "@/ui/Icon";

const ITEM =
  "flex items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none data-[highlighted]:bg-hover cursor-pointer";

interface Props {
  projects: readonly Project[];
  current: Project | null;
  /** The button that opens it, the same as `ProjectSwitcher` shows until the menu is loaded. */
  button: ReactElement;
}

export function ProjectMenu({ projects, current, button }: Props) {
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const open = (id: string) => void navigate({ to: "/projects/$projectId", params: { projectId: id } });
  return (
    <>
      {/* Not modal: the modal menu adds a style element, which the security policy forbids. */}
      <DropdownMenu.Root modal={false} defaultOpen>
        <DropdownMenu.Trigger asChild>{button}</DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="start"
            sideOffset={4}
            className="border-line bg-surface shadow-float z-30 max-h-80 min-w-52 overflow-y-auto rounded-lg border p-1"
          >
            {projects.map((project) => (
              <DropdownMenu.Item key={project.id} className={ITEM} onSelect={() => open(project.id)}>
                <Icon name="check" className={project.id === current?.id ? "shrink-0" : "invisible shrink-0"} />
                <span className="min-w-0 break-words">{project.name}</span>
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
