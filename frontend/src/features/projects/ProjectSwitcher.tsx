// The switch between projects, which also creates projects.
import { useQuery } from "@tanstack/react-query";
import { type ComponentProps, useState } from "react";
import { useCurrentProject } from "@/features/projects/current";
import type { ProjectMenu } from "@/features/projects/ProjectMenu";
import { projectsQuery } from "@/features/projects/queries";
import { Icon } from "@/ui/Icon";

const loadMenu = () => import("@/features/projects/ProjectMenu");

export function ProjectSwitcher() {
  const { data: projects = [] } = useQuery(projectsQuery);
  const current = useCurrentProject();
  const [Menu, setMenu] = useState<typeof ProjectMenu | null>(null);
  const [failed, setFailed] = useState(false);
  const name = current?.name ?? "No project";
  if (Menu) return <Menu projects={projects} current={current} button={<SwitcherButton name={name} />} />;
  const ahead = () => void loadMenu().catch(() => null); // the click reports a failure
  const open = () => {
    setFailed(false);
    loadMenu().then(
      (loaded) => setMenu(() => loaded.ProjectMenu),
      () => setFailed(true),
    );
  };
  return (
    <>
      <SwitcherButton name={name} aria-haspopup="menu" aria-expanded={false} onPointerEnter={ahead} onFocus={ahead} onClick={open} />
      {failed && (
        <p role="alert" className="mt-1 text-xs">
          The menu could not be loaded. Reload the page.
        </p>
      )}
    </>
  );
}

function SwitcherButton({ name, ...rest }: { name: string } & ComponentProps<"button">) {
  return (
    <button
      type="button"
      className="border-line bg-surface hover:bg-hover flex min-h-8 w-full min-w-36 items-center justify-between gap-2 rounded-md border px-2.5 text-sm"
      {...rest}
    >
      <span className="min-w-0 py-1 text-left break-words">
        <span className="sr-only">Project: </span>
        {name}
      </span>
      <Icon name="chevron" className="text-ink-3 shrink-0" />
    </button>
  );
}
