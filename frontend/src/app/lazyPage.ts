// Pages whose code is loaded when they are first opened.
import { lazyRouteComponent, type RouteComponent } from "@tanstack/react-router";
import type { ComponentType } from "react";

/**
 * The code of a page could not be loaded. The service does not answer, or an upgrade replaced the
 * file.
 */
export class PageNotLoaded extends Error {
  constructor(cause: unknown) {
    super("The code of this page could not be loaded.", { cause });
    this.name = "PageNotLoaded";
  }
}

/** Load the page when its route is first opened. Opening the route again tries again. */
export function lazyPage(load: () => Promise<ComponentType>): RouteComponent {
  const loaded = () =>
    load().then(
      (page) => ({ default: page }),
      (error: unknown) => {
        throw new PageNotLoaded(error); // on the browser's own error, the router would reload by itself
      },
    );
  return lazyRouteComponent(loaded);
}
