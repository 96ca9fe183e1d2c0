// A link to the page of an identity.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface Props {
  audit: string;
  identity: number;
  className?: string;
  /** A name for a link without words, as in a plot. */
  label?: string;
  tabIndex?: number;
  children: ReactNode;
}

export function IdentityLink({ audit, identity, className, label, tabIndex, children }: Props) {
  return (
    <Link
      to="/audits/$auditId/identities/$identity"
      params={{ auditId: audit, identity: String(identity) }}
      className={className ?? "rounded-sm underline-offset-2 hover:underline"}
      aria-label={label}
      tabIndex={tabIndex}
      preload={false}
    >
      {children}
    </Link>
  );
}
