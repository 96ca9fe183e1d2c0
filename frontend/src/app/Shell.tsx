// The frame of every page after sign-in: navigation, project, theme, and state of the service.
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { Brand } from "@/app/Brand";
import { ServiceState } from "@/app/ServiceState";
import { ThemeToggle } from "@/app/ThemeToggle";
import { useCurrentProject } from "@/features/projects/current";
import { ProjectSwitcher } from "@/features/projects/ProjectSwitcher";
import { sessionQuery, useSignOut } from "@/features/session/queries";
import { classes } from "@/ui/classes";
import { Icon, type IconName } from "@/ui/Icon";

const LINK =
  "text-ink-2 hover:bg-hover hover:text-ink flex items-center gap-2.5 rounded-md px-2.5 h-8 text-sm " +
  "aria-[current]:bg-hover aria-[current]:text-ink aria-[current]:font-medium";

const PROJECT_PAGES = [
  { page: "audits", icon: "audits", label: "Audits" },
  { page: "models", icon: "models", label: "Models" },
  { page: "policies", icon: "gate", label: "Policies" },
  { page: "schedules", icon: "clock", label: "Schedules" },
  { page: "datasets", icon: "datasets", label: "Data sets" },
  { page: "verifiers", icon: "verifiers", label: "Verifiers" },
  { page: "webhooks", icon: "send", label: "Webhooks" },
  { page: "keys", icon: "keys", label: "API keys" },
  { page: "audit-log", icon: "log", label: "Audit log" },
  { page: "deletions", icon: "bin", label: "Deletions" },
  { page: "limits", icon: "gauge", label: "Limits" },
] as const satisfies { page: string; icon: IconName; label: string }[];

/** Pages below a list that their address does not name. */
const BELOW: [address: RegExp, list: (typeof PROJECT_PAGES)[number]["page"]][] = [
  [/^\/projects\/[^/]+\/(targets|releases)\//, "models"],
  [/^\/projects\/[^/]+\/priors/, "datasets"],
  [/^\/(audits|blind-line-ups)\//, "audits"],
];

/** On small screens, navigation and account are behind the button "Menu", and a link closes them. */
export function Shell() {
  const [open, setOpen] = useState(false);
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[14rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="bg-ink text-page fixed top-2 left-2 z-50 -translate-y-16 rounded-md px-3 py-2 text-sm focus:translate-y-0"
      >
        Skip to the content
      </a>
      <header className="border-line bg-page max-lg:border-b lg:sticky lg:top-0 lg:flex lg:h-dvh lg:flex-col lg:border-r lg:px-3 lg:py-4">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2 lg:contents">
          <Link to="/" className="rounded-md lg:px-2">
            <Brand />
          </Link>
          <div className="lg:mt-4">
            <ProjectSwitcher />
          </div>
          <button
            type="button"
            aria-expanded={open}
            aria-controls="menu"
            onClick={() => setOpen(!open)}
            className="border-line-strong hover:bg-hover ml-auto h-8 rounded-md border px-3 text-sm lg:hidden"
          >
            Menu
          </button>
          <div id="menu" className={classes("max-lg:w-full lg:contents", !open && "max-lg:hidden")}>
            <Navigation onFollow={() => setOpen(false)} />
            <div className="flex items-center justify-between gap-2 max-lg:mt-2 lg:mt-auto lg:flex-col lg:items-stretch lg:gap-3">
              <Account />
            </div>
          </div>
        </div>
      </header>
      <div className="min-w-0">
        <ServiceState />
        <main id="content" tabIndex={-1} className="mx-auto max-w-[76rem] px-5 pt-7 pb-20 outline-none sm:px-8">
          <Outlet />
        </main>
      </div>
    </div>
  );
}

function Navigation({ onFollow }: { onFollow: () => void }) {
  const project = useCurrentProject();
  const below = useLocation({ select: ({ pathname }) => BELOW.find(([address]) => address.test(pathname))?.[1] });
  return (
    <nav aria-label="Main" className="grid grid-cols-2 gap-1 sm:grid-cols-4 lg:mt-4 lg:flex lg:flex-col">
      {project && (
        <Link to="/projects/$projectId" params={{ projectId: project.id }} activeOptions={{ exact: true }} onClick={onFollow} className={LINK}>
          <Icon name="home" /> Overview
        </Link>
      )}
      {project &&
        PROJECT_PAGES.map(({ page, icon, label }) => (
          <Link
            key={page}
            to={`/projects/$projectId/${page}`}
            params={{ projectId: project.id }}
            onClick={onFollow}
            className={LINK}
            {...(page === below ? { "aria-current": "true" } : {})}
          >
            <Icon name={icon} /> {label}
          </Link>
        ))}
      <Link to="/members" onClick={onFollow} className={LINK}>
        <Icon name="person" /> Members
      </Link>
      <Link to="/system" onClick={onFollow} className={LINK}>
        <Icon name="system" /> System
      </Link>
    </nav>
  );
}

function Account() {
  const { data: session } = useQuery(sessionQuery);
  const signOut = useSignOut();
  return (
    <>
      <Link to="/account" className="text-ink-3 hover:text-ink rounded-md break-words px-2 text-xs hover:underline max-lg:max-w-36">
        <span className="sr-only">Account: </span>
        {session?.subject.replace(/^person:/, "")}
      </Link>
      <div className="flex items-center justify-between gap-2">
        <ThemeToggle />
        <button
          type="button"
          onClick={() => signOut.mutate()}
          className="text-ink-3 hover:bg-hover hover:text-ink inline-flex size-7 items-center justify-center rounded-md"
          aria-label="Sign out"
          title="Sign out"
        >
          <Icon name="exit" />
        </button>
      </div>
    </>
  );
}
