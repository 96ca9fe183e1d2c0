// The one-time token of a sign-in link lives in the fragment, which browsers never send and servers never log.

export function tokenFromHash(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, "")).get("token");
  return token === null || token.trim() === "" ? null : token.trim();
}

/** Only addresses of this dashboard may be returned to, so that a link can't send people elsewhere. */
export function safeReturn(path: string | undefined): string {
  if (path === undefined || !path.startsWith("/") || path.startsWith("//") || path.includes("\\")) return "/";
  return path.startsWith("/sign-in") ? "/" : path;
}
