// The roles of members, from the least to the most.
import type { Role } from "@/api/model";

export const ROLE_WORDS: Record<Role, { name: string; may: string }> = {
  viewer: { name: "Viewer", may: "reads everything but the audit log" },
  auditor: { name: "Auditor", may: "uploads models and images, starts audits and asks for waivers" },
  approver: { name: "Approver", may: "approves waivers, sets policies, reveals images, places legal holds and reads the audit log" },
  administrator: { name: "Administrator", may: "does everything, including members, keys and deletions" },
};

export const ROLES = Object.keys(ROLE_WORDS) as Role[];
