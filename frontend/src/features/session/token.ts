// The one-time token of a sign-in link. It is in the fragment, which browsers do not send and
// servers do not log.

export function tokenFromHash(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, "")).get("token");
  return token === null || token.trim() === "" ? null : token.trim();
}

/** Return the path if it is an address of this dashboard, so that a link cannot lead elsewhere. */
export function safeReturn(path: string | undefined): string {
  if (path === undefined || !path.startsWith("/") || path.startsWith("//") || path.includes("\\")) return "/";
  return path.startsWith("/sign-in") ? "/" : path;
}
