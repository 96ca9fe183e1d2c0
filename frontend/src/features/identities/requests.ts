// Who may make which request about an identity.
import type { Session } from "@/api/model";

type Scopes = Session["scopes"] | undefined;

/** Tell whether these scopes suffice to export what is held about an identity. */
export function mayExport(scopes: Scopes): boolean {
  return scopes !== undefined && scopes.includes("reconstructions:reveal") && scopes.includes("audits:read");
}

/** Tell whether these scopes suffice to erase an identity. */
export function mayErase(scopes: Scopes): boolean {
  return scopes?.includes("data:delete") ?? false;
}
